import { assert, assertEquals } from "@std/assert";
import { folderOfModule, permissionFlags } from "../../../cluster/worker/permission_flags.ts";

const NEEDS = { socketPath: "/n/s.sock", ownDirs: ["/n", "/objects"], codePaths: ["/project"] };

Deno.test("permissionFlags() opens the daemon's socket and folders alone beside what was granted", () => {
  const usual = { net: [], read: undefined, write: ["/out"], ffi: true };
  assertEquals(permissionFlags(usual, NEEDS), [
    "--allow-read",
    "--allow-write=/n,/objects,/out",
    "--allow-net=unix:/n/s.sock",
    "--allow-env",
    "--allow-sys",
    "--allow-ffi",
  ]);
});

Deno.test("permissionFlags() lets a task whose reading is narrowed read code and what it writes", () => {
  const narrow = { net: ["a:80"], read: ["/in"], write: ["/out"], ffi: false };
  const [read, , net, ...rest] = permissionFlags(narrow, NEEDS);
  const paths = read.replace("--allow-read=", "").split(",");
  for (const path of ["/in", "/out", "/n", "/objects", "/project"]) {
    assert(paths.includes(path), path);
  }
  assertEquals(net, "--allow-net=unix:/n/s.sock,a:80");
  assertEquals(rest, ["--allow-env", "--allow-sys"]);
  assertEquals(permissionFlags({ ...narrow, net: ["*"] }, NEEDS)[2], "--allow-net");
});

Deno.test("folderOfModule() is the folder of a local module, and nothing for others", () => {
  assertEquals(folderOfModule("file:///project/src/task.ts"), ["/project/src"]);
  assertEquals(folderOfModule("https://example.com/task.ts"), []);
});
