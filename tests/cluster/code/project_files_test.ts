import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { join, toFileUrl } from "@std/path";
import { UserError } from "../../../src/base/errors.ts";
import { packProject, ProjectCode } from "../../../cluster/code/code_archive.ts";
import { findProject } from "../../../cluster/code/find_project.ts";
import { listProjectFiles } from "../../../cluster/code/project_files.ts";
import { writeFiles } from "./nodes.ts";

async function inFolder(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<void> | void,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await writeFiles(folder, files);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function pathsOf(folder: string): string[] {
  return listProjectFiles(folder).files.map(({ path }) => path);
}

Deno.test("listProjectFiles() leaves out what .gitignore files exclude, each from its folder on, the deeper one first", () =>
  inFolder({
    ".gitignore": "*.log\n/data\nbuild/\n!keep.log\n",
    "a.ts": "",
    "a.log": "",
    "keep.log": "",
    "data/big": "",
    "lib/data/small.ts": "",
    "lib/build/out.js": "",
    "lib/.gitignore": "*.tmpl\n!important.log\n",
    "lib/b.tmpl": "",
    "lib/important.log": "",
    "b.tmpl": "",
  }, (folder) => {
    assertEquals(pathsOf(folder), [
      ".gitignore",
      "a.ts",
      "b.tmpl",
      "keep.log",
      "lib/.gitignore",
      "lib/data/small.ts",
      "lib/important.log",
    ]);
  }));

Deno.test("listProjectFiles() never takes packages, repositories, outputs and secrets unless .tradewindignore says so", () =>
  inFolder({
    "main.ts": "",
    ".env": "SECRET=1",
    ".env.local": "SECRET=1",
    ".git/config": "",
    "node_modules/zod/index.js": "",
    "lib/node_modules/zod/index.js": "",
    "artifacts/model.json": "",
    ".gitignore": "weights.json\n",
    "weights.json": "",
    ".tradewindignore": "!weights.json\n!artifacts\ntests/\n",
    "tests/main_test.ts": "",
  }, (folder) => {
    assertEquals(pathsOf(folder), [
      ".gitignore",
      ".tradewindignore",
      "artifacts/model.json",
      "main.ts",
      "weights.json",
    ]);
  }));

Deno.test("listProjectFiles() follows links inside the project, and names those that it leaves out", () =>
  inFolder({ "p/lib/a.ts": "a", "outside.ts": "" }, async (folder) => {
    const project = join(folder, "p");
    await Deno.symlink("lib/a.ts", join(project, "file.ts"));
    await Deno.symlink("lib", join(project, "folder"));
    await Deno.symlink("..", join(project, "lib/circle"));
    await Deno.symlink("../outside.ts", join(project, "out.ts"));
    await Deno.symlink("nowhere.ts", join(project, "dangling.ts"));
    await Deno.symlink("itself.ts", join(project, "itself.ts"));
    const { files, leftOut } = listProjectFiles(project);
    assertEquals(files.map(({ path }) => path), ["file.ts", "folder/a.ts", "lib/a.ts"]);
    assertEquals(leftOut, [
      "dangling.ts",
      "folder/circle",
      "itself.ts",
      "lib/circle",
      "out.ts",
    ]);
  }));

Deno.test("a project over the limits is refused with its biggest files", () =>
  inFolder(
    { "small.ts": "1", "big.csv": "x".repeat(3_000), "mid.csv": "x".repeat(1_000) },
    (folder) => {
      const error = assertThrows(() => listProjectFiles(folder, 2_000), UserError);
      assertEquals(
        /The biggest: big\.csv \(.*\), mid\.csv/.test(error.message),
        true,
        error.message,
      );
      assertThrows(() => listProjectFiles(folder, 1e9, 2), UserError, "it has 3 files");
    },
  ));

Deno.test("packProject() is the same wherever the project lies, and changes with names, contents and modes", () =>
  inFolder({ "a.ts": "1", "lib/b.ts": "2" }, async (first) => {
    const { hash } = packProject(first);
    await inFolder({ "lib/b.ts": "2", "a.ts": "1" }, async (second) => {
      assertEquals(packProject(second).hash, hash);
      await Deno.chmod(join(second, "a.ts"), 0o755);
      assertNotEquals(packProject(second).hash, hash);
    });
    await Deno.writeTextFile(join(first, "lib/b.ts"), "3");
    assertNotEquals(packProject(first).hash, hash);
  }));

Deno.test("ProjectCode looks again only after its time, and packs again only what has changed", () =>
  inFolder({ "a.ts": "1" }, async (folder) => {
    const code = new ProjectCode(folder, 1_000);
    const first = code.current(0);
    await Deno.writeTextFile(join(folder, "a.ts"), "22");
    assertEquals(code.current(999), first);
    const second = code.current(1_000);
    assertNotEquals(second.hash, first.hash);
    // The very same object: nothing was read again.
    assertEquals(code.current(5_000) === second, true);
  }));

Deno.test("findProject() goes up to the nearest config, and from a member to its workspace", () =>
  inFolder({
    "deno.json": '{ "workspace": ["./members/one"] }',
    "members/one/deno.jsonc": "{ /* a member */ }",
    "members/one/src/a.ts": "",
    "members/two/package.json": "{}",
    "members/two/a.ts": "",
  }, (folder) => {
    const of = (path: string) => findProject(toFileUrl(join(folder, path)).href);
    assertEquals(of("members/one/src/a.ts"), folder);
    assertEquals(of("members/two/a.ts"), join(folder, "members/two"));
    assertThrows(() => findProject("file:///a.ts"), UserError, "has a deno.json");
  }));
