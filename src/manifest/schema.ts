import { z } from "zod";
import type { ConfigLayer } from "./config.ts";

/** The names that sections may use: the manifest does not know the code behind them. */
export interface AllowedNames {
  /** Of `backtest.engines`. */
  readonly engines: readonly string[];
  /** Of `backtest.profiles`. */
  readonly profiles: readonly string[];
  /** Of `backtest.simulators`. */
  readonly simulators: readonly string[];
}

/** The spacings of bars that tables may have. */
const INTERVALS = ["1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"] as const;

const MAX_ROWS = 1_000_000;
const PROFILE_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** The schema of a layer. Each message says what is expected, so that it can follow "expected".
 * @param names of engines, profiles and simulators that exist */
export function layerSchema(names: AllowedNames): z.ZodObject {
  const fields = {
    title: text("a text"),
    prices: text("the path of a CSV or Parquet file, or of a lakehouse"),
    synthetic: flag(),
    data: z.strictObject({
      interval: oneOf(INTERVALS),
      calendar: oneOf(["auto", "XNYS", "24x5", "24x7"]),
      lookback_days: whole(2),
      min_days_floor: whole(2),
      strict_health: flag(),
    }, section),
    selection: z.strictObject({
      mode: oneOf(["baseline", "ladder", "liquid"]),
      refresh: oneOf(["window", "once"]),
      lookback: whole(2),
      top_n: whole(1),
      threshold: number(0, 1),
      min_winners: whole(0),
      max_winners: whole(1),
      directions: list(oneOf(["LONG", "SHORT"]), "LONG and SHORT"),
      traded_values: text("the path of a CSV or Parquet file"),
    }, section),
    synthesis: z.strictObject({
      enabled: flag(),
      logics: list(oneOf(["momentum", "reversion", "trend", "raw"]), "names of logics"),
      timescales: list(whole(2), "whole numbers"),
    }, section),
    risk: z.strictObject({
      cluster_cap: number(0, 1, "above"),
      max_weight: number(0, 1, "above"),
      cluster_lookbacks: list(whole(2), "whole numbers"),
      cluster_cut: number(0, 2),
      max_clusters: whole(1),
      risk_free_rate: number(-1, 1),
    }, section),
    backtest: z.strictObject({
      train: whole(2),
      test: whole(1),
      step: whole(1),
      anchored: flag(),
      purge: whole(0),
      engines: list(oneOf(names.engines), "names of engines"),
      profiles: list(oneOf(names.profiles), "names of optimiser profiles"),
      simulators: list(oneOf(names.simulators), "names of simulators"),
      rebalance: oneOf(["window", "daily", "drift"]),
      drift_threshold: number(0, 1),
      slippage_bps: number(0, 10_000),
      commission_bps: number(0, 10_000),
      initial_wealth: number(0, 1e15, "above"),
    }, section),
    discovery: z.strictObject({ symbols: list(text("a symbol"), "symbols") }, section),
  };
  const optional = Object.entries(fields).map(([name, field]) =>
    [
      name,
      field instanceof z.ZodObject ? field.partial().optional() : field.optional(),
    ] as const
  );
  return z.strictObject(Object.fromEntries(optional), section);
}

/** The schema of a manifest file. */
export function manifestSchema(names: AllowedNames): z.ZodType<Manifest> {
  const layer = layerSchema(names) as unknown as z.ZodType<ConfigLayer>;
  const profileName = z.string().regex(PROFILE_NAME, "1 to 64 letters, digits, _ and -");
  return z.strictObject({
    default_profile: text("the name of a profile"),
    defaults: layer.optional(),
    profiles: z.record(profileName, layer, { error: "an object of profiles" })
      .refine((profiles) => Object.keys(profiles).length > 0, "at least one profile"),
    aliases: z.record(profileName, text("the name of a profile"), {
      error: "an object of alias: profile",
    }).optional(),
  }, section);
}

/** A manifest as its file says it. */
export interface Manifest {
  /** The profile of a run that names none; an alias will do. */
  readonly default_profile: string;
  /** What all profiles share. */
  readonly defaults?: ConfigLayer;
  /** By name; what a profile says goes over `defaults`. */
  readonly profiles: Readonly<Record<string, ConfigLayer>>;
  /** Other names of profiles. */
  readonly aliases?: Readonly<Record<string, string>>;
}

const section = {
  error: (issue: { code?: string }) => issue.code === "invalid_type" ? "an object" : undefined,
};

function text(expected: string) {
  return z.string({ error: expected }).min(1, { error: expected });
}

function flag() {
  return z.boolean({ error: "true or false" });
}

function whole(least: number) {
  const error = `a whole number from ${least} to ${MAX_ROWS}`;
  return z.int({ error }).min(least, { error }).max(MAX_ROWS, { error });
}

function number(least: number, greatest: number, bound: "from" | "above" = "from") {
  const error = `a number ${bound} ${least} to ${greatest}`;
  const schema = z.number({ error }).max(greatest, { error });
  return bound === "above" ? schema.gt(least, { error }) : schema.min(least, { error });
}

function oneOf(names: readonly string[]) {
  return z.enum(names as [string, ...string[]], { error: `one of ${names.join(", ")}` });
}

function list<T extends z.ZodType>(item: T, of: string) {
  return z.array(item, { error: `a list of ${of}` }).min(1, { error: `a list of ${of}, not empty` })
    .refine((items) => new Set(items).size === items.length, `a list of ${of}, each once`);
}
