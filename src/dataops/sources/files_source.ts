import { glob } from "node:fs/promises";
import { basename, extname, resolve } from "@std/path";
import { errorMessage, UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import { readWideTable } from "../../lakehouse/price_files/read_prices.ts";
import { parseSymbol } from "../../lakehouse/prices/symbol.ts";
import { barRows, hasBarHeadings } from "./bar_rows.ts";
import {
  type BarPage,
  type BarRequest,
  barsOf,
  type BarSource,
  type Listing,
} from "./bar_source.ts";
import { namedListings } from "./stooq_source.ts";

/** Files of bars, CSV or Parquet, that a pattern finds. A file with a column `close` holds the bars of the symbol that it
 * is named after; any other is a wide table of closes, a column a symbol. */
export class FilesSource implements BarSource {
  readonly isAdjusted = false;
  readonly #folder: string;
  readonly #pattern: string;
  readonly #assetType: string;
  #found: Promise<Map<string, Holder>> | undefined;

  /** @param pattern of paths with `*` and `**`, relative to `folder` */
  constructor(folder: string, pattern: string, assetType: string) {
    this.#folder = folder;
    this.#pattern = pattern;
    this.#assetType = assetType;
  }

  /** All symbols of all files, or those asked for among them. */
  async list(wanted: readonly string[] | undefined): Promise<Listing[]> {
    const tickers = [...(await this.#holders()).keys()];
    const names = wanted === undefined ? undefined : new Set(wanted);
    return namedListings(
      tickers.filter((ticker) => names?.has(ticker) ?? true),
      "files",
      this.#assetType,
    );
  }

  async *bars({ ticker, range }: BarRequest): AsyncGenerator<BarPage> {
    const { path, isWide } = await this.#holder(ticker);
    const { raw } = await readWideTable(path);
    const column = raw.symbols.indexOf(ticker);
    const rows = isWide
      ? [...raw.timestampsS].map((timestampS, row) => {
        const close = raw.values[row * raw.symbols.length + column];
        return [timestampS, NaN, NaN, NaN, close, NaN];
      })
      : barRows(raw, path);
    yield { bars: barsOf(rows, { fromS: -Infinity, toS: Infinity }), range };
  }

  async fingerprint(ticker: string): Promise<string> {
    const { path } = await this.#holder(ticker);
    return sha256Hex(await Deno.readFile(path));
  }

  async #holder(ticker: string): Promise<Holder> {
    const holder = (await this.#holders()).get(ticker);
    if (holder !== undefined) return holder;
    throw new UserError(
      "dataops/no-bars",
      `Cannot find bars of ${ticker}: no file of ${this.#folder}/${this.#pattern} has them`,
    );
  }

  #holders(): Promise<Map<string, Holder>> {
    this.#found ??= this.#find();
    return this.#found;
  }

  async #find(): Promise<Map<string, Holder>> {
    const paths: string[] = [];
    try {
      for await (const path of glob(this.#pattern, { cwd: this.#folder })) {
        paths.push(resolve(this.#folder, path));
      }
    } catch (cause) {
      throw new UserError(
        "dataops/bad-source",
        `Cannot look for ${this.#folder}/${this.#pattern}: ${errorMessage(cause)}`,
        { cause },
      );
    }
    if (paths.length === 0) {
      throw new UserError(
        "dataops/bad-source",
        `Cannot find any file of ${this.#folder}/${this.#pattern}`,
        {
          hint: "The pattern is relative to the manifest's folder; ** stands for any folders.",
        },
      );
    }
    const holders = new Map<string, Holder>();
    for (const path of paths.sort()) {
      const { raw: { symbols } } = await readWideTable(path);
      const isWide = !hasBarHeadings(symbols);
      const tickers = isWide ? symbols : [parseSymbol(basename(path, extname(path)), path)];
      for (const ticker of tickers) {
        const earlier = holders.get(ticker);
        if (earlier !== undefined) {
          throw new UserError(
            "dataops/ambiguous-file",
            `Cannot take ${ticker} from ${path}: ${earlier.path} has it already`,
          );
        }
        holders.set(ticker, { path, isWide });
      }
    }
    return holders;
  }
}

interface Holder {
  readonly path: string;
  readonly isWide: boolean;
}
