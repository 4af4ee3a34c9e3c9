import { z } from "zod";
import { number, section } from "./schema_fields.ts";

/** Section `gates`: the limits that a candidate is held to before it may go live, by the names of the metrics. */
export interface GatesConfig {
  /** At most, as a fraction of the Sharpe ratio without costs. Default 0.3. */
  readonly friction_decay: number;
  /** At most. Default 1.5. */
  readonly temporal_fragility: number;
  /** At least, 0 to 1. Default 0.3. */
  readonly selection_jaccard: number;
  /** At least. Default -0.2. */
  readonly antifragility: number;
  /** At least, a bar, as a fraction. Default 0. */
  readonly stress_alpha: number;
  /** At most, of wealth at a rebalance, as a fraction. Default 0.5. */
  readonly turnover: number;
  /** At most, as a multiple of the benchmark's. Default 1.25. */
  readonly cvar_multiple: number;
  /** At most, as a multiple of the benchmark's. Default 1.25. */
  readonly drawdown_multiple: number;
}

/** What holds where no layer says otherwise. */
export const GATES_DEFAULTS: GatesConfig = {
  friction_decay: 0.3,
  temporal_fragility: 1.5,
  selection_jaccard: 0.3,
  antifragility: -0.2,
  stress_alpha: 0,
  turnover: 0.5,
  cvar_multiple: 1.25,
  drawdown_multiple: 1.25,
};

/** The schema of the section. */
export const GATES_FIELD: z.ZodObject = z.strictObject(
  Object.fromEntries(Object.keys(GATES_DEFAULTS).map((metric) => [metric, number(-1e6, 1e6)])),
  section,
);
