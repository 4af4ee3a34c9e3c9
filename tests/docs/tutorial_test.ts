import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { RunningCommand, withFolder } from "../integration/cli.ts";
import { TestEc2 } from "../provision/providers/test_ec2.ts";
import { codeBlocks, ROOT } from "./code_blocks.ts";

const PAGES = [
  "README.md",
  "cluster/MIGRATION.md",
  "provision/TUTORIAL.md",
  "src/TROUBLESHOOTING.md",
  "testdata/examples/README.md",
];

Deno.test("every command that a guide names is a task of deno.json", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  for (const page of PAGES) {
    const text = await Deno.readTextFile(`${ROOT}${page}`);
    const named = [...text.matchAll(/deno task ([a-z][a-z:]*)/g)].map(([, name]) => name);
    assertEquals(named.filter((name) => !(name in tasks)), [], page);
  }
});

Deno.test("the tutorial's ten spot nodes are planned by cluster:up --dry-run, and nothing is bought", () =>
  withFolder(async (folder) => {
    await using ec2 = new TestEc2({ ms: 0, nowMs: () => Date.now() });
    const [text] = await codeBlocks("provision/TUTORIAL.md", "jsonc");
    const file = join(folder, "ten-spot.jsonc");
    await Deno.writeTextFile(file, text);
    const { code, stdout, stderr } = await new RunningCommand("cluster:up", [
      ...["--file", file, "--dir", join(folder, "cluster"), "--dry-run"],
    ], {
      env: {
        AWS_ENDPOINT_URL: ec2.url,
        AWS_ACCESS_KEY_ID: "AKIATEST",
        AWS_SECRET_ACCESS_KEY: "secret",
      },
    }).result();
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout + stderr, "launch 10 × spot in eu-central-1");
    assertEquals(ec2.alive().length, 0);
  }));
