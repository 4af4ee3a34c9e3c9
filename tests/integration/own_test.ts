import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { ROOT } from "../structure/sources.ts";
import { productionSummary, withFolder } from "./cli.ts";

Deno.test("the example of one's own runs on workers: its optimiser, strategy, simulator and metric beside ours", () =>
  withFolder(async (folder) => {
    const summary = await productionSummary([
      "--manifest",
      join(ROOT, "testdata/examples/own.jsonc"),
      "--out",
      join(folder, "out"),
    ]);
    assertEquals(summary.status, "completed");
    const names = summary.candidates.map(({ profile, simulator }) => `${profile} ${simulator}`);
    assertEquals(
      names.sort(),
      ["hrp", "inverse_volatility", "momentum_top3"].flatMap((profile) => [
        `${profile} frictionless`,
        `${profile} vectorized`,
      ]),
    );
    for (const { metrics } of summary.candidates) {
      assertEquals(typeof metrics.gain_to_pain, "number");
    }
  }));
