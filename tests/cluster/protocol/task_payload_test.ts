import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  encodeTaskPayload,
  readTaskArguments,
  readTaskCall,
} from "../../../cluster/protocol/task_payload.ts";

const CALL = { module: "file:///tasks.ts", exportName: "add", env: { TV_MODE: "test" } };

Deno.test("a packed task gives back what it calls and its arguments, whatever was packed before", () => {
  const call = fc.record({
    module: fc.constantFrom("file:///a.ts", "file:///b.ts"),
    exportName: fc.constantFrom("f", "g"),
    env: fc.dictionary(fc.string().map((name) => `TV_${name}`), fc.string(), { maxKeys: 3 }),
    stream: fc.constantFrom("never", "restart", "continue"),
    permissions: fc.record({ net: fc.array(fc.string(), { maxLength: 2 }) }),
  });
  const args = fc.array(fc.oneof(fc.integer(), fc.string(), fc.uint8Array()), { maxLength: 5 });
  fc.assert(fc.property(fc.array(fc.tuple(call, args), { maxLength: 30 }), (tasks) => {
    const packed = tasks.map(([call, args]) => encodeTaskPayload(call, args));
    packed.forEach((payload, i) => {
      assertEquals(readTaskCall(payload), tasks[i][0]);
      assertEquals(
        JSON.stringify(readTaskArguments(payload)),
        JSON.stringify(tasks[i][1]),
      );
    });
  }));
});

Deno.test("equal calls are read once, and a changed variable is another call", () => {
  const first = readTaskCall(encodeTaskPayload(CALL, [1]));
  assertStrictEquals(readTaskCall(encodeTaskPayload({ ...CALL }, [2])), first);
  const other = readTaskCall(encodeTaskPayload({ ...CALL, env: { TV_MODE: "live" } }, [1]));
  assertEquals(other === first, false);
  assertEquals(other.env, { TV_MODE: "live" });
});

Deno.test("bytes that are no packed task are refused", () => {
  for (const bytes of [[], [1], [0, 0, 0, 0], [255, 255, 255, 255, 1], [1, 0, 0, 0, 5]]) {
    assertThrows(() => readTaskCall(new Uint8Array(bytes)));
  }
});
