import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { packProject } from "../../cluster/code/code_archive.ts";
import { RunningCommand, withFolder } from "../integration/cli.ts";

Deno.test("cluster:code shows the files of a project that travel, and its version", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(join(folder, "lib"));
    await Deno.writeTextFile(join(folder, "deno.json"), "{}");
    await Deno.writeTextFile(join(folder, "lib/a.ts"), "export {};");
    await Deno.writeTextFile(join(folder, ".env"), "SECRET=1");
    const dir = ["--dir", join(folder, "lib")];
    const { stdout } = await new RunningCommand("cluster:code", [...dir, "--json"]).result();
    const { project, hash, files } = JSON.parse(stdout);
    assertEquals([project, hash], [folder, packProject(folder).hash]);
    assertEquals(files.map(({ path }: { path: string }) => path), ["deno.json", "lib/a.ts"]);
    const shown = await new RunningCommand("cluster:code", dir).result();
    assertStringIncludes(shown.stdout, "10  lib/a.ts");
    const none = await new RunningCommand("cluster:code", ["--dir", "/"]).result();
    assertEquals(none.code, 2);
  }));
