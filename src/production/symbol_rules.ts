import type { ExecutionRecord } from "../lakehouse/prices/execution_table.ts";
import type { PriceSource } from "../lakehouse/prices/price_source.ts";
import type { SymbolRecord } from "../lakehouse/prices/symbols_table.ts";

/** What a source of prices tells of symbols beside their bars, one each. */
export interface SymbolRules {
  /** What is traded, whatever the exchange and the currency; the symbol itself where it is not known. */
  readonly identities: readonly string[];
  /** Whether lot and tick are known; null where that says nothing, as their source tells them of no symbol. */
  readonly hasExecution: readonly (boolean | null)[];
  /** Units of the asset that orders come in multiples of; NaN where it is not known, as below. */
  readonly lotSizes: Float64Array;
  /** Steps of prices, in the quote currency. */
  readonly tickSizes: Float64Array;
  /** The least value of an order, in the quote currency. */
  readonly minNotionals: Float64Array;
  /** Basis points of what is traded. */
  readonly feesBps: Float64Array;
}

/** What is known of symbols.
 * @param source a price file tells nothing
 * @param symbols in the order of the result */
export function symbolRules(source: PriceSource, symbols: readonly string[]): SymbolRules {
  const { records, execution } = source.type === "file" ? NOTHING : source;
  // The newest record of a symbol is its last one.
  const recordOf = new Map(records.map((record) => [record.symbol, record]));
  const rulesOf = new Map(execution.map((rules) => [rules.symbol, rules]));
  const telling = new Set(
    execution.filter(isKnown).map(({ symbol }) => recordOf.get(symbol)?.source),
  );
  const numbers = (value: (rules: ExecutionRecord) => number) =>
    Float64Array.from(symbols, (symbol) => {
      const rules = rulesOf.get(symbol);
      return rules === undefined ? NaN : value(rules);
    });
  return {
    identities: symbols.map((symbol) => recordOf.get(symbol)?.identity ?? symbol),
    hasExecution: symbols.map((symbol) => {
      const record = recordOf.get(symbol);
      if (record === undefined || !telling.has(record.source)) return null;
      const rules = rulesOf.get(symbol);
      return rules !== undefined && isKnown(rules);
    }),
    lotSizes: numbers(({ lotSize }) => lotSize),
    tickSizes: numbers(({ tickSize }) => tickSize),
    minNotionals: numbers(({ minNotional }) => minNotional),
    feesBps: numbers(({ feeBps }) => feeBps),
  };
}

const NOTHING: {
  readonly records: readonly SymbolRecord[];
  readonly execution: readonly ExecutionRecord[];
} = { records: [], execution: [] };

function isKnown({ lotSize, tickSize }: ExecutionRecord): boolean {
  return lotSize >= 0 && tickSize >= 0;
}
