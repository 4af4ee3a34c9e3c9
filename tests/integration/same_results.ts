import { assertEquals } from "@std/assert";
import { join } from "@std/path";

/** The files of a run that hold what it computed. */
const RESULTS = ["metrics.json", "data/returns.parquet", "data/weights.parquet"];

/** Checks that two runs came to the same, to the bit. */
export async function assertSameResults(
  one: { readonly out: string; readonly runId: string },
  other: { readonly out: string; readonly runId: string },
): Promise<void> {
  const [folder, otherFolder] = [one, other].map(({ out, runId }) => join(out, "runs", runId));
  const candidates = [...Deno.readDirSync(join(folder, "returns"))].map(({ name }) =>
    `returns/${name}`
  );
  for (const file of [...RESULTS, ...candidates]) {
    const [bytes, otherBytes] = await Promise.all([
      Deno.readFile(join(folder, file)),
      Deno.readFile(join(otherFolder, file)),
    ]);
    assertEquals(bytes, otherBytes, `${file} differs`);
  }
}
