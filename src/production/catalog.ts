import { DEFAULTS, type ProductionConfig } from "../manifest/config.ts";
import type { RiskConfig } from "../manifest/risk_config.ts";
import {
  ENGINE_DESCRIPTIONS,
  ENGINE_FORMULAS,
  ENGINE_NAMES,
} from "../quant/engines/engine_names.ts";
import { METRICS } from "../quant/metrics/metric_descriptors.ts";
import {
  PROFILE_DESCRIPTIONS,
  PROFILE_FORMULAS,
  PROFILE_NAMES,
  type ProfileName,
} from "../quant/optimizers/profiles.ts";
import {
  SIMULATOR_DESCRIPTIONS,
  SIMULATOR_FORMULAS,
  SIMULATOR_NAMES,
  type SimulatorName,
} from "../quant/simulators/simulator_names.ts";

/** The kinds of parts that a grid is made of, in the order in which they are listed. */
export const PART_KINDS = ["engine", "profile", "simulator", "metric"] as const;

/** One part that a manifest may name, or a report shows. */
export interface CatalogPart {
  readonly kind: typeof PART_KINDS[number];
  readonly name: string;
  /** One line. */
  readonly description: string;
  readonly formula: string;
  /** Keys of the manifest that it listens to, with their defaults; null where there is none. */
  readonly defaults: Readonly<Record<string, string | number | null>>;
  /** Whether a run takes it when its manifest says nothing. */
  readonly isDefault: boolean;
}

type Section = "risk" | "backtest" | "execution";

const ESTIMATORS = ["covariance", "means", "half_life"] as const;
const LIMITS = [
  "cluster_cap",
  "max_weight",
  "min_weight",
  "net_min",
  "net_max",
  "gross_limit",
  "max_assets",
  "turnover_limit",
] as const;
const CLUSTERS = ["cluster_lookbacks", "cluster_cut", "max_clusters"] as const;
/** What single profiles listen to beside estimators and limits. */
const OF_PROFILE: Partial<Readonly<Record<ProfileName, readonly (keyof RiskConfig)[]>>> = {
  min_variance: ["max_short", "l2_penalty", "turnover_penalty"],
  mean_variance: ["max_short", "risk_aversion", "l2_penalty", "turnover_penalty"],
  max_sharpe: ["max_short", "risk_free_rate", "turnover_penalty"],
  max_diversification: ["turnover_penalty"],
  min_cvar: ["max_short", "tail_share", "turnover_penalty"],
  market_neutral: ["max_short", "beta_limit", "l2_penalty", "turnover_penalty"],
  adaptive: ["max_short", "risk_free_rate", "l2_penalty", "turnover_penalty"],
};
const COSTS = keys("backtest", ["slippage_bps", "commission_bps", "initial_wealth"]);
const SHARES = keys("execution", [
  ...[
    "symbol_rules",
    "lot_size",
    "min_notional",
    "borrow_fee_bps",
    "loan_bps",
    "maintenance_margin",
  ] as const,
]);

const SIMULATOR_DEFAULTS: Readonly<Record<SimulatorName, CatalogPart["defaults"]>> = {
  vectorized: COSTS,
  orders: { ...COSTS, ...SHARES, ...keys("execution", ["fill_at"]) },
  event: {
    ...COSTS,
    ...SHARES,
    ...keys("execution", ["order_type", "order_offset_bps", "tick_size", "max_volume_share"]),
  },
};

/** Every part that Tradewind brings, in the order of {@linkcode PART_KINDS}. */
export function catalog(): CatalogPart[] {
  const { engines, profiles, simulators } = DEFAULTS.backtest;
  return [
    ...ENGINE_NAMES.map((name): CatalogPart => ({
      kind: "engine",
      name,
      description: ENGINE_DESCRIPTIONS[name],
      formula: ENGINE_FORMULAS[name],
      defaults: keys("risk", [...ESTIMATORS, ...CLUSTERS, "cluster_cap", "max_weight"]),
      isDefault: engines.includes(name),
    })),
    ...PROFILE_NAMES.map((name): CatalogPart => ({
      kind: "profile",
      name,
      description: PROFILE_DESCRIPTIONS[name],
      formula: PROFILE_FORMULAS[name],
      defaults: profileDefaults(name),
      isDefault: profiles.includes(name),
    })),
    ...SIMULATOR_NAMES.map((name): CatalogPart => ({
      kind: "simulator",
      name,
      description: SIMULATOR_DESCRIPTIONS[name],
      formula: SIMULATOR_FORMULAS[name],
      defaults: SIMULATOR_DEFAULTS[name],
      isDefault: simulators.includes(name),
    })),
    ...METRICS.map(({ name, label, unit, formula }): CatalogPart => ({
      kind: "metric",
      name,
      description: `${label} (${unit})`,
      formula,
      defaults: {},
      isDefault: true,
    })),
  ];
}

function profileDefaults(name: ProfileName): CatalogPart["defaults"] {
  if (name === "market" || name === "benchmark") return {};
  return keys("risk", [...ESTIMATORS, ...LIMITS, ...OF_PROFILE[name] ?? []]);
}

function keys<S extends Section>(
  section: S,
  names: readonly (keyof ProductionConfig[S] & string)[],
): Readonly<Record<string, string | number | null>> {
  const values: Pick<ProductionConfig, Section>[S] =
    (DEFAULTS as Pick<ProductionConfig, Section>)[section];
  return Object.fromEntries(names.map((name) => {
    const value = values[name];
    const shown = value === undefined ? null : typeof value === "number" ? value : String(value);
    return [`${section}.${name}`, shown];
  }));
}
