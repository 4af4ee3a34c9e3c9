import { closestString } from "@std/text/closest-string";
import { UserError } from "../base/errors.ts";
import type { PriceSource } from "../lakehouse/price_source.ts";
import type { ProductionContext } from "./context.ts";

/** The candidates of the run. */
export function discover(
  { stages, trail, config, source }: ProductionContext,
): Promise<readonly string[]> {
  return stages.run("discovery", undefined, () =>
    trail.record({
      step: "discovery",
      context: {},
      inputs: { prices: source.sha256 },
      run: () => discoverCandidates(config.discovery.symbols, source),
      outputs: (symbols) => ({ symbols }),
    }), (symbols) => `${symbols.length} candidates`);
}

/** The manifest's symbols in their order, or else all columns of the prices.
 * @throws {UserError} for a symbol that the prices lack, and when there is no candidate */
export function discoverCandidates(
  wanted: readonly string[] | undefined,
  source: PriceSource,
): readonly string[] {
  const candidates = wanted ?? source.symbols;
  if (candidates.length === 0) {
    throw new UserError(`Cannot find any candidate in ${source.path}`, {
      hint: "Take discovery.symbols out of the manifest, or name symbols in it.",
    });
  }
  const known = new Set(source.symbols);
  for (const symbol of candidates) {
    if (known.has(symbol)) continue;
    throw new UserError(
      `Cannot find ${symbol} of discovery.symbols among the columns of ${source.path}`,
      {
        hint: `The nearest name there is ${closestString(symbol, source.symbols)}.`,
      },
    );
  }
  return candidates;
}
