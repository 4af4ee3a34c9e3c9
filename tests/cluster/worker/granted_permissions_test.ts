import { assertEquals, assertThrows } from "@std/assert";
import {
  describePermissions,
  grantPermissions,
  PermissionRefusedError,
} from "../../../cluster/worker/granted_permissions.ts";
import { checkPermissions } from "../../../cluster/protocol/task_permissions.ts";

const NODE = { net: ["api.example.com", "db.example.com:5432"], write: ["/data/out"] };

Deno.test("grantPermissions() gives the usual to a task that asks for nothing: no network, all reading, the node's folders", () => {
  const usual = { net: [], read: undefined, write: ["/data/out"], ffi: true };
  assertEquals(grantPermissions(undefined, NODE), usual);
  assertEquals(grantPermissions({}, NODE), usual);
});

Deno.test("grantPermissions() narrows as asked, and widens to what the owner allows", () => {
  const asked = {
    net: ["api.example.com:443", "api.example.com", "db.example.com:5432"],
    read: ["/data/in"],
    write: ["/data/out/mine"],
    ffi: false,
  };
  assertEquals(grantPermissions(asked, NODE), asked);
  assertEquals(grantPermissions({ net: ["*"] }, { ...NODE, net: ["*"] }).net, ["*"]);
});

Deno.test("grantPermissions() refuses what the owner does not allow, and says what is allowed", () => {
  const refused: [Parameters<typeof grantPermissions>[0], string][] = [
    [{ net: ["evil.example.com"] }, "reach evil.example.com: this node allows api.example.com, db"],
    [{ net: ["api.example.com.evil.org"] }, "reach api.example.com.evil.org"],
    [{ net: ["db.example.com"] }, "reach db.example.com"],
    [{ net: ["*"] }, "reach *"],
    [{ write: ["/data"] }, "write into /data: this node allows /data/out"],
    [{ write: ["/data/outside"] }, "write into /data/outside"],
    [{ write: ["/data/out/../../etc"] }, "write into /data/out/../../etc"],
  ];
  for (const [asked, message] of refused) {
    assertThrows(() => grantPermissions(asked, NODE), PermissionRefusedError, message);
  }
  const none = { net: [], write: [] };
  assertThrows(() => grantPermissions({ net: ["a"] }, none), PermissionRefusedError, "no host");
});

Deno.test("describePermissions() names equal permissions equally, whatever their order", () => {
  assertEquals(describePermissions(undefined), "");
  assertEquals(describePermissions({ net: ["b", "a"], ffi: false }), "net=a,b ffi=no");
  assertEquals(describePermissions({ net: ["a", "b"], ffi: false }), "net=a,b ffi=no");
  assertEquals(describePermissions({ read: [], write: ["/x"] }), "read=none write=/x");
});

Deno.test("checkPermissions() refuses what Deno would read as something else", () => {
  checkPermissions({ net: ["a.example.com:80", "*"], read: ["/a b"], write: [] });
  for (const net of ["a,b", "http://a", "", "a b"]) {
    assertThrows(() => checkPermissions({ net: [net] }), TypeError, JSON.stringify(net));
  }
  for (const path of ["relative", "/a,/b", ""]) {
    assertThrows(() => checkPermissions({ read: [path] }), TypeError, JSON.stringify(path));
    assertThrows(() => checkPermissions({ write: [path] }), TypeError, JSON.stringify(path));
  }
});
