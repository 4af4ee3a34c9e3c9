import { z } from "zod";
import type { ConfigLayer } from "./config.ts";
import type { MetaLayer, MetaSettings } from "./meta_config.ts";
import { GATES_FIELD } from "./gates_config.ts";
import { metaLayerSchema, metaSectionSchema } from "./meta_schema.ts";
import { type OwnLayer, ownNames, ownSchema } from "./own_config.ts";
import { RISK_FIELD } from "./risk_config.ts";
import { flag, list, number, oneOf, s3Url, section, text, whole } from "./schema_fields.ts";
import { SCANNERS_FIELD, SOURCES_FIELD } from "./sources_config.ts";

/** The names that sections may use: the manifest does not know the code behind them. */
export interface AllowedNames {
  /** Of `backtest.engines`. */
  readonly engines: readonly string[];
  /** Of `backtest.profiles`. */
  readonly profiles: readonly string[];
  /** Of `backtest.simulators`. */
  readonly simulators: readonly string[];
  /** Of `meta.profiles`. */
  readonly metaProfiles: readonly string[];
  /** Of metrics, which no section names: one's own must not be called the same. */
  readonly metrics?: readonly string[];
}

/** The names that layers may use, those of the manifest's own parts among them.
 * @param manifest checked or not */
export function withOwnNames(names: AllowedNames, manifest: unknown): AllowedNames {
  return {
    ...names,
    profiles: [
      ...names.profiles,
      ...ownNames(manifest, "profiles"),
      ...ownNames(manifest, "strategies"),
    ],
    simulators: [...names.simulators, ...ownNames(manifest, "simulators")],
  };
}

/** The spacings of bars that tables may have. */
const INTERVALS = ["1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"] as const;

const PROFILE_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** The schema of a layer. Each message says what is expected, so that it can follow "expected".
 * @param names of engines, profiles and simulators that exist */
export function layerSchema(names: AllowedNames): z.ZodObject {
  const fields = {
    title: text("a text"),
    prices: text(
      "the path of a CSV or Parquet file, or the path or s3://BUCKET/PREFIX of a lakehouse",
    ),
    synthetic: flag(),
    data: z.strictObject({
      interval: oneOf(INTERVALS),
      calendar: oneOf(["auto", "XNYS", "24x5", "24x7"]),
      lookback_days: whole(2),
      min_days_floor: whole(2),
      strict_health: flag(),
    }, section),
    selection: z.strictObject({
      modes: list(oneOf(["baseline", "ladder", "liquid"]), "names of selection modes"),
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
    risk: RISK_FIELD,
    backtest: z.strictObject({
      train: whole(2),
      test: whole(1),
      step: whole(1),
      anchored: flag(),
      purge: whole(0),
      cross_validation: z.strictObject({
        groups: whole(2),
        test_groups: whole(1),
        purge: whole(0).optional(),
        embargo: whole(0).optional(),
      }, section),
      engines: list(oneOf(names.engines), "names of engines"),
      profiles: list(oneOf(names.profiles), "names of optimiser profiles"),
      simulators: list(oneOf(names.simulators), "names of simulators"),
      rebalance: list(oneOf(["window", "daily", "drift"]), "names of rebalance rules"),
      drift_threshold: number(0, 1),
      slippage_bps: number(0, 10_000),
      commission_bps: number(0, 10_000),
      initial_wealth: number(0, 1e15, "above"),
    }, section),
    sources: SOURCES_FIELD,
    execution: z.strictObject({
      fill_at: oneOf(["auto", "open", "close"]),
      order_type: oneOf(["market", "limit", "stop"]),
      order_offset_bps: number(0, 9_999),
      max_volume_share: number(0, 1, "above"),
      symbol_rules: flag(),
      lot_size: number(0, 1e9),
      tick_size: number(0, 1e9),
      min_notional: number(0, 1e15),
      borrow_fee_bps: number(0, 1e6),
      loan_bps: number(0, 1e6),
      maintenance_margin: number(0, 1),
    }, section),
    gates: GATES_FIELD,
    discovery: z.strictObject({
      symbols: list(text("a symbol"), "symbols"),
      scanners: SCANNERS_FIELD,
      market: list(text("a symbol"), "symbols"),
    }, section),
    storage: z.strictObject({
      remote: text("s3://BUCKET/PREFIX or the path of a folder"),
      anchor: s3Url(),
      anchor_days: whole(1),
      anchor_mode: oneOf(["governance", "compliance"]),
      fsync: oneOf(["at-close", "every-write"]),
      keep_versions: whole(1),
      keep_days: whole(0),
    }, section),
  };
  const optional = Object.entries(fields).map(([name, field]) =>
    [
      name,
      field instanceof z.ZodObject ? field.partial().optional() : field.optional(),
    ] as const
  );
  return z.strictObject(Object.fromEntries(optional), section);
}

/** The schema of a manifest file.
 * @param manifest the file, not checked yet, for the names of its own parts
 * @returns what it finds good is a {@linkcode Manifest}. */
export function manifestSchema(names: AllowedNames, manifest: unknown): z.ZodObject {
  const layer = layerSchema(withOwnNames(names, manifest));
  const profileName = z.string().regex(PROFILE_NAME, "1 to 64 letters, digits, _ and -");
  return z.strictObject({
    default_profile: text("the name of a profile"),
    defaults: layer.extend({ meta: metaSectionSchema(names.metaProfiles) }).optional(),
    profiles: z.record(profileName, layer, { error: "an object of profiles" })
      .refine((profiles) => Object.keys(profiles).length > 0, "at least one profile"),
    aliases: z.record(profileName, text("the name of a profile"), {
      error: "an object of alias: profile",
    }).optional(),
    default_meta_profile: text("the name of a meta profile").optional(),
    own: ownSchema({
      profiles: names.profiles,
      strategies: names.profiles,
      simulators: names.simulators,
      metrics: names.metrics ?? [],
    }),
    meta_profiles: z.record(profileName, metaLayerSchema(names.metaProfiles), {
      error: "an object of meta profiles",
    }).optional(),
  }, section);
}

/** A manifest as its file says it. */
export interface Manifest {
  /** The profile of a run that names none; an alias will do. */
  readonly default_profile: string;
  /** What all profiles share, and in `meta` all meta profiles. */
  readonly defaults?: ConfigLayer & { readonly meta?: Partial<MetaSettings> };
  /** By name; what a profile says goes over `defaults`. */
  readonly profiles: Readonly<Record<string, ConfigLayer>>;
  /** Other names of profiles. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** The meta profile of a run that names none; needed where there are several. */
  readonly default_meta_profile?: string;
  /** Optimisers, strategies, simulators and metrics of one's own: by kind and name, a module and its export. */
  readonly own?: OwnLayer;
  /** Portfolios of profiles, by name. */
  readonly meta_profiles?: Readonly<Record<string, MetaLayer>>;
}
