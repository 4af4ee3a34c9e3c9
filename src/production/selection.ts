import type { SymbolHealth } from "../quant/health/symbol_health.ts";
import type { ProductionContext } from "./context.ts";
import { healthySymbols } from "./health_gate.ts";

/** The symbols that go on to the optimisers. The mode `baseline` takes all that the audit leaves. */
export function select(
  context: ProductionContext,
  health: readonly SymbolHealth[],
): Promise<readonly string[]> {
  const { stages, trail, config } = context;
  return stages.run("selection", undefined, () =>
    trail.record({
      step: "selection",
      context: { mode: config.selection.mode },
      inputs: { candidates: health.map(({ symbol }) => symbol) },
      run: () => healthySymbols(health, config.data.strict_health),
      outputs: (symbols) => ({ symbols }),
    }), (symbols) => `${symbols.length} of ${health.length} symbols`);
}
