import type { ProductionContext } from "./context.ts";
import type { ReturnsMatrix } from "./tasks/build_returns.ts";

/** The symbols of the returns that go on to the optimisers. The mode `baseline` takes them all. */
export function select(
  context: ProductionContext,
  { panel: { symbols }, hash }: ReturnsMatrix,
): Promise<readonly string[]> {
  const { stages, trail, config } = context;
  return stages.run("selection", undefined, () =>
    trail.record({
      step: "selection",
      context: { mode: config.selection.mode },
      inputs: { returns: hash },
      run: () => symbols,
      outputs: (selected) => ({ symbols: selected }),
    }), (selected) => `${selected.length} of ${symbols.length} symbols, ${config.selection.mode}`);
}
