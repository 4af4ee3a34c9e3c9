import { assert, assertEquals, assertRejects } from "@std/assert";
import polars, { type DataFrame } from "nodejs-polars";
import { decodeStored, encodeStored } from "../../../cluster/objects/value_file.ts";
import { joinParts } from "../../../src/base/object_codec.ts";

Deno.test("a dataframe that came over the network is read as it was", async () => {
  const frame = polars.DataFrame({ x: [1.5, 2.5], name: ["a", "b"] });
  const read = await decodeStored(joinParts(encodeStored(frame)));
  assertEquals((read as DataFrame).toRecords(), frame.toRecords());
});

Deno.test("bytes that only begin like a dataframe are refused", async () => {
  const bytes = joinParts(encodeStored(polars.DataFrame({ x: [1] })));
  const error = await assertRejects(() => decodeStored(bytes.slice(0, 40)), TypeError);
  assert(error.message.startsWith("Cannot read a dataframe of 40 bytes: "), error.message);
});
