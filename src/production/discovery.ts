import { closestString } from "@std/text/closest-string";
import { UserError } from "../base/errors.ts";
import type { PriceSource } from "../lakehouse/prices/price_source.ts";
import type { ProductionConfig } from "../manifest/config.ts";
import { scan, type ScannerConfig } from "../manifest/sources_config.ts";
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
      run: () => discoverCandidates(config.discovery, source),
      outputs: (symbols) => ({ symbols }),
    }), (symbols) => `${symbols.length} candidates`);
}

/** The manifest's symbols in their order; or else what its scanners take of the symbols of a lakehouse, those that have
 * left since among them, for a run over the past must not know who will stay; or else all that have prices.
 * @throws {UserError} for a symbol that the prices lack, and when there is no candidate */
export function discoverCandidates(
  { symbols, scanners }: ProductionConfig["discovery"],
  source: PriceSource,
): readonly string[] {
  const candidates = symbols ?? scanTables(scanners ?? [], source) ?? source.symbols;
  if (candidates.length === 0) {
    throw new UserError("backtest/no-candidate", `Cannot find any candidate in ${source.path}`, {
      hint: symbols === undefined && scanners !== undefined
        ? "No symbol of the lakehouse fits discovery.scanners: loosen them, or run deno task dataops run."
        : "Take discovery.symbols out of the manifest, or name symbols in it.",
    });
  }
  const known = new Set(source.symbols);
  for (const symbol of candidates) {
    if (known.has(symbol)) continue;
    throw new UserError(
      "prices/unknown-symbol",
      `Cannot find ${symbol} of discovery.symbols among the ${
        source.type === "file" ? "columns" : "tables"
      } of ${source.path}`,
      {
        hint: `The nearest name there is ${closestString(symbol, source.symbols)}.`,
      },
    );
  }
  return candidates;
}

/** @returns undefined when there is nothing to scan */
function scanTables(
  scanners: readonly ScannerConfig[],
  source: PriceSource,
): readonly string[] | undefined {
  if (source.type === "file" || scanners.length === 0 || source.records.length === 0) return;
  // The newest record of a symbol is its last one.
  const newest = new Map(source.records.map((record) => [record.symbol, record]));
  const withBars = [...newest.values()].filter(({ symbol }) => source.tables.has(symbol));
  const taken = scanners.flatMap((scanner) =>
    scan(scanner, withBars.filter((record) => record.source === scanner.source))
  );
  return [...new Set(taken.map(({ symbol }) => symbol))];
}
