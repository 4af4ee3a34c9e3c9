import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { renderList, renderPart } from "../../src/cli/research.ts";
import { catalog, type CatalogPart } from "../../src/production/catalog.ts";
import { ENGINE_NAMES } from "../../src/quant/engines/engine_names.ts";
import { METRICS } from "../../src/quant/metrics/metric_descriptors.ts";
import { PROFILE_NAMES } from "../../src/quant/optimizers/profiles.ts";
import { SIMULATOR_NAMES } from "../../src/quant/simulators/simulator_names.ts";
import { runTask } from "./run_task.ts";

Deno.test("the catalog has every engine, profile, simulator and metric, each with a formula", () => {
  const parts = catalog();
  assertEquals(parts.map(({ name }) => name), [
    ...ENGINE_NAMES,
    ...PROFILE_NAMES,
    ...SIMULATOR_NAMES,
    ...METRICS.map(({ name }) => name),
  ]);
  assert(parts.every(({ formula, description }) => formula !== "" && description !== ""));
});

Deno.test("renderList() marks what a run takes by itself, and renderPart() has formula and keys", () => {
  const parts = catalog();
  const list = renderList(parts);
  assertStringIncludes(list, "  * hrp ");
  assertStringIncludes(list, "    barbell ");
  assertStringIncludes(list, "Π(1 + r) − 1");
  assertStringIncludes(list, "  risk.max_weight               0.25");
  const orders = renderPart(parts.find(({ name }) => name === "orders")!);
  assertStringIncludes(orders, "execution.fill_at");
  assertStringIncludes(orders, "execution.lot_size            not set");
});

Deno.test("research list, with and without dashes, is JSON when asked; an unknown name has the nearest one", async () => {
  const listed = await runTask("research", ["--", "list", "--json"]);
  assertEquals([listed.code, JSON.parse(listed.stdout).length], [0, catalog().length]);
  const shown = await runTask("research", ["show", "hrp"]);
  assertStringIncludes(shown.stdout, "hrp (profile)");
  const wrong = await runTask("research", ["show", "hpr"]);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "The nearest name is hrp.");
});

Deno.test("research shows what a manifest brings of its own, with formulas", async () => {
  const manifest = new URL("../../testdata/examples/own.jsonc", import.meta.url).pathname;
  const listed = await runTask("research", ["list", "--json", "--manifest", manifest]);
  const own = JSON.parse(listed.stdout).slice(catalog().length);
  assertEquals(own.map(({ kind, name }: CatalogPart) => [kind, name]), [
    ["profile", "inverse_volatility"],
    ["profile", "momentum_top3"],
    ["simulator", "frictionless"],
    ["metric", "gain_to_pain"],
  ]);
  const shown = await runTask("research", ["show", "gain_to_pain", "--manifest", manifest]);
  assertStringIncludes(shown.stdout, "Σ r / |Σ min(r, 0)|");
  assertStringIncludes(shown.stdout, "testdata/examples/own.ts#gainToPain");
});
