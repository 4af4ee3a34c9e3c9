import { assertEquals, assertThrows } from "@std/assert";
import { decodeCallPayload, encodeCallPayload } from "../../../cluster/protocol/actor_payload.ts";
import { MAX_PAYLOAD_BYTES } from "../../../cluster/protocol/limits.ts";

const REF = { $object: "ab".repeat(32), sizeBytes: 5 };

Deno.test("encodeCallPayload() keeps method and arguments", () => {
  const payload = encodeCallPayload("append", [1, "A", REF]);
  assertEquals(decodeCallPayload(payload), { method: "append", args: [1, "A", REF] });
});

Deno.test("encodeCallPayload() names the argument that has no encoding, and refuses what is too large", () => {
  assertThrows(() => encodeCallPayload("f", [1, () => 2]), TypeError, "args[1]");
  const large = new Uint8Array(MAX_PAYLOAD_BYTES);
  assertThrows(() => encodeCallPayload("f", [large]), RangeError, "object store");
});
