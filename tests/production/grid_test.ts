import { assertEquals } from "@std/assert";
import { DEFAULTS, type ProductionConfig } from "../../src/manifest/config.ts";
import { gridCandidates, isChainOf, narrowedTo, weightsChains } from "../../src/production/grid.ts";

const CONFIG: ProductionConfig = {
  ...DEFAULTS,
  profileName: "p",
  manifestPath: "m.jsonc",
  prices: "closes.csv",
  synthetic: false,
  title: "p",
  selection: { ...DEFAULTS.selection, modes: ["baseline", "ladder"] },
  backtest: {
    ...DEFAULTS.backtest,
    engines: ["clustered", "flat"],
    profiles: ["hrp", "barbell", "market"],
    rebalance: ["window", "daily", "drift"],
    simulators: ["vectorized", "orders"],
  },
};

Deno.test("the grid has every chain once: what depends on no engine or no selection is not computed twice", () => {
  assertEquals(
    weightsChains(CONFIG).map(({ selection, engine, profile }) =>
      `${selection} ${engine} ${profile}`
    ),
    [
      "baseline clustered hrp",
      "baseline any barbell",
      "any any market",
      "baseline flat hrp",
      "ladder clustered hrp",
      "ladder any barbell",
      "ladder flat hrp",
    ],
  );
});

Deno.test("the grid simulates every chain under every rule by every simulator, each under a name of its own", () => {
  const candidates = gridCandidates(CONFIG);
  assertEquals(candidates.length, 7 * 3 * 2);
  assertEquals(new Set(candidates.map((one) => Object.values(one).join("/"))).size, 42);
});

Deno.test("a configuration narrowed to a candidate has that candidate alone", () => {
  for (const candidate of gridCandidates(CONFIG)) {
    assertEquals(gridCandidates(narrowedTo(CONFIG, candidate)), [candidate]);
    assertEquals(weightsChains(CONFIG).filter((chain) => isChainOf(chain, candidate)).length, 1);
  }
});
