import { z } from "zod";

/** Where bars come from; `sources` names one. */
export type SourceConfig = RemoteSourceConfig | FilesSourceConfig;

interface CommonSourceConfig {
  /** Stands before its tickers in symbols, `EXCHANGE:TICKER`. Default: BINANCE, STOOQ, YAHOO; none for files. */
  readonly exchange?: string;
  /** When its symbols trade. Default 24x7 for binance, else XNYS. */
  readonly calendar?: "XNYS" | "24x5" | "24x7";
  /** Default crypto for binance, else equity. */
  readonly asset_type?: string;
}

/** A server that speaks as one of these do. */
export interface RemoteSourceConfig extends CommonSourceConfig {
  /** `binance`: klines · `stooq`: CSV · `yahoo`: charts. */
  readonly type: "binance" | "stooq" | "yahoo";
  /** Default: the public server of that name. */
  readonly url?: string;
  /** Default 10 for binance, 1 for stooq, 2 for yahoo. */
  readonly requests_per_second?: number;
  /** Requests that may go out at once after a rest. Default 5. */
  readonly burst?: number;
  /** What stooq has after tickers. Default `.us`. */
  readonly suffix?: string;
  /** Of what is traded, in basis points: the fee that goes into the table `execution`. */
  readonly fee_bps?: number;
}

/** CSV and Parquet files. */
export interface FilesSourceConfig extends CommonSourceConfig {
  readonly type: "files";
  /** Absolute pattern of paths with `*` and `**`; in a manifest it is relative to the manifest's folder. */
  readonly files: string;
}

/** Which symbols of a source are looked at. */
export interface ScannerConfig {
  /** A name of `sources`. */
  readonly source: string;
  /** Tickers, as the source calls them; default: all that it lists. */
  readonly symbols?: readonly string[];
  /** Quote currency, for instance USDT. */
  readonly quote?: string;
  /** Traded in 24 hours, in the quote currency; symbols of unknown volume are left out. */
  readonly min_volume_24h?: number;
  /** So many at most: those that trade most. */
  readonly max?: number;
  /** Tickers that are left out. */
  readonly exclude?: readonly string[];
}

/** What a scanner looks at. */
export interface Scannable {
  readonly ticker: string;
  readonly currency: string | null;
  /** NaN where it is not known. */
  readonly volume24h: number;
}

/** What a scanner takes of the symbols of its source: named ones in their order, others by what they trade, then by name. */
export function scan<S extends Scannable>(scanner: ScannerConfig, listed: readonly S[]): S[] {
  const { symbols, quote, min_volume_24h: minVolume, max, exclude = [] } = scanner;
  const left = listed.filter(({ ticker, currency, volume24h }) =>
    (symbols?.includes(ticker) ?? true) && (quote === undefined || currency === quote) &&
    (minVolume === undefined || volume24h >= minVolume) && !exclude.includes(ticker)
  );
  const volume = ({ volume24h }: S) => Number.isNaN(volume24h) ? -1 : volume24h;
  const byVolume = left.sort((a, b) =>
    volume(b) - volume(a) || (a.ticker < b.ticker ? -1 : a.ticker > b.ticker ? 1 : 0)
  ).slice(0, max);
  if (symbols === undefined) return byVolume;
  return byVolume.sort((a, b) => symbols.indexOf(a.ticker) - symbols.indexOf(b.ticker));
}

const words = (expected: string) => z.string({ error: expected }).min(1, { error: expected });
const positive = (expected: string) => z.number({ error: expected }).gt(0, { error: expected });
const names = (of: string) =>
  z.array(words(of), { error: `a list of ${of}` }).min(1, { error: `a list of ${of}` });

const common = {
  exchange: z.string().regex(/^[A-Z0-9]{1,16}$/, "1 to 16 capital letters and digits").optional(),
  calendar: z.enum(["XNYS", "24x5", "24x7"], { error: "one of XNYS, 24x5, 24x7" }).optional(),
  asset_type: words("a word such as crypto or equity").optional(),
};

/** The schema of `sources`. */
export const SOURCES_FIELD: z.ZodType<Readonly<Record<string, SourceConfig>>> = z.record(
  z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "1 to 64 letters, digits, _ and -"),
  z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("files"), files: words("a pattern of paths"), ...common }),
    z.strictObject({
      type: z.enum(["binance", "stooq", "yahoo"]),
      url: z.url({ protocol: /^https?$/, error: "a URL that begins with http:// or https://" })
        .optional(),
      requests_per_second: positive("a number above 0").max(1000, { error: "at most 1000" })
        .optional(),
      burst: positive("a number above 0").max(1000, { error: "at most 1000" }).optional(),
      suffix: z.string({ error: "a text" }).optional(),
      fee_bps: z.number({ error: "a number" }).min(0, { error: "a number from 0" }).optional(),
      ...common,
    }),
  ], { error: "a source with a type: binance, stooq, yahoo or files" }),
  { error: "an object of sources by name" },
);

/** The schema of `discovery.scanners`. */
export const SCANNERS_FIELD: z.ZodType<readonly ScannerConfig[]> = z.array(
  z.strictObject({
    source: words("a name of sources"),
    symbols: names("tickers").optional(),
    quote: words("a currency").optional(),
    min_volume_24h: z.number({ error: "a number" }).min(0, { error: "a number from 0" }).optional(),
    max: z.int({ error: "a whole number from 1" }).min(1, { error: "a whole number from 1" })
      .optional(),
    exclude: names("tickers").optional(),
  }),
  { error: "a list of scanners" },
).min(1, { error: "a list of scanners, not empty" });
