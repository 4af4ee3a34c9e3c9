import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { UserError } from "../../src/base/errors.ts";
import { outputFolders, requireWritable, RunFolder } from "../../src/production/run_folder.ts";

const FOLDERS = outputFolders("/out");

const CANDIDATE = {
  selection: "baseline",
  engine: "flat",
  profile: "hrp",
  rebalance: "window",
  simulator: "vectorized",
};

Deno.test("every file of a run lies below its own folder, whatever the run is called", () => {
  const names = fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/));
  fc.assert(fc.property(names, (runId) => {
    let run: RunFolder;
    try {
      run = new RunFolder(FOLDERS, runId);
    } catch (error) {
      if (error instanceof UserError) return;
      throw error;
    }
    assertEquals(run.path, `/out/runs/${runId}`);
    const files = [
      ...[run.config, run.ledger, run.summary, run.returns, run.weights, run.metrics],
      ...[run.reportHtml, run.reportMarkdown, run.reportJson, run.logs],
      run.candidateReturns(CANDIDATE),
      run.candidateTrades(CANDIDATE),
      run.candidateMetrics(CANDIDATE),
    ];
    const outside = files.filter((file) =>
      new URL(file, "file:///").pathname.indexOf(`/out/runs/${runId}/`) !== 0
    );
    assertEquals(outside, []);
    assertEquals(new Set(files).size, files.length);
  }));
});

Deno.test("a run called latest is refused: its folder would stand where the pointer has to", () => {
  for (const runId of ["latest", "Latest", "LATEST"]) {
    assertThrows(() => new RunFolder(FOLDERS, runId), UserError, "as a run id");
  }
  assertEquals(new RunFolder(FOLDERS, "latest-1").runId, "latest-1");
});

Deno.test("requireWritable() makes the folder and leaves nothing in it", async () => {
  const dir = await Deno.makeTempDir();
  await requireWritable(`${dir}/a/b`);
  assertEquals([...Deno.readDirSync(`${dir}/a/b`)], []);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("requireWritable() refuses what is no folder, and names it", async () => {
  const file = await Deno.makeTempFile();
  const error = await assertRejects(() => requireWritable(file), UserError);
  assertEquals(error.message.startsWith(`Cannot write into the output folder ${file}: `), true);
  assertEquals(error.hint, "Give another one with --out DIR.");
  await Deno.remove(file);
});
