import { assertEquals, assertExists } from "@std/assert";
import { parseClusterConfig } from "../../provision/config/parse_cluster_config.ts";
import { checkPrograms, codeBlocks, runProgram } from "./code_blocks.ts";

const GUIDE = "cluster/MIGRATION.md";
const PROGRAMS = await codeBlocks(GUIDE, "ts");

for (const [index, program] of PROGRAMS.entries()) {
  Deno.test(`program ${index + 1} of the migration guide prints what its last comment says`, async () => {
    const claimed = /console\.log\(.*\); \/\/ (.*)/.exec(program)?.[1];
    assertExists(claimed);
    assertEquals(await runProgram(program), claimed);
  });
}

Deno.test("the programs of the migration guide have the types that they say", async () => {
  await checkPrograms(PROGRAMS);
});

Deno.test("the migration guide compares three programs", () => {
  assertEquals(PROGRAMS.length, 3);
});

Deno.test("the migration guide's cluster.jsonc is one that cluster:up takes", async () => {
  const [text] = await codeBlocks(GUIDE, "jsonc");
  const config = parseClusterConfig(text, "cluster.jsonc");
  assertEquals([config.workers.max, config.provider, config.aws?.market], [10, "aws", "spot"]);
});
