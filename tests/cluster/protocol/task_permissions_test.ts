import { assertEquals, assertThrows } from "@std/assert";
import { inheritPermissions } from "../../../cluster/protocol/task_permissions.ts";

Deno.test("inheritPermissions() gives a child what its parent has, where it asks for nothing else", () => {
  const parent = { net: ["a.example"], read: ["/data"], ffi: false };
  assertEquals(inheritPermissions(parent, undefined), parent);
  assertEquals(inheritPermissions(parent, {}), parent);
  assertEquals(inheritPermissions(undefined, parent), parent);
  assertEquals(inheritPermissions(undefined, undefined), undefined);
  const narrow = { net: [], read: ["/data/in"] };
  assertEquals(inheritPermissions(parent, narrow), { ...narrow, ffi: false });
  assertEquals(inheritPermissions(parent, { write: ["/out"] })?.write, ["/out"]);
});

Deno.test("inheritPermissions() refuses a child more than its parent has, and says what", () => {
  const parent = { net: ["a.example"], read: ["/data"], write: ["/out"], ffi: false };
  const refused: [Parameters<typeof inheritPermissions>[1], string][] = [
    [{ net: ["b.example"] }, "reach b.example"],
    [{ net: ["*"] }, "reach *"],
    [{ read: ["/data/in", "/"] }, "read /:"],
    [{ read: ["/data/../etc"] }, "read /data/../etc"],
    [{ write: ["/output"] }, "write into /output"],
    [{ ffi: true }, "call native code"],
  ];
  for (const [asked, message] of refused) {
    assertThrows(
      () => inheritPermissions(parent, asked),
      TypeError,
      `Cannot let a task ${message}`,
    );
  }
  assertThrows(
    () => inheritPermissions({ ffi: false }, { net: ["a.example"] }),
    TypeError,
    "reach",
  );
});
