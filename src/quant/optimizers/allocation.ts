/** What came of a portfolio problem. Never NaN: a problem without a solution is `infeasible`, with its reason. */
export type Allocation =
  | {
    /** `optimal`: as posed. `relaxed`: only after the steps in `relaxations`. */
    readonly status: "optimal" | "relaxed";
    /** Fractions of wealth that sum to 1 within 1e-12. */
    readonly weights: Float64Array;
    /** What was given up, in order: empty when optimal. Each is a name, with `:value` where there is one. */
    readonly relaxations: readonly string[];
    /** The profile's own measure: variance (min_variance, hrp), Sharpe ratio (max_sharpe), squared distance from
     * 1/n (equal_weight), ½ + ½·ln wᵀΣw − (1/n)·Σ ln w (risk_parity). */
    readonly objective: number;
    /** How far the weights are from the first-order conditions, relative to the objective; 0 for hrp, which
     * minimises nothing. */
    readonly kktResidual: number;
  }
  | {
    readonly status: "infeasible";
    /** Why no portfolio could be found, as a sentence. */
    readonly reason: string;
  };

/** Largest first-order residual of an allocation that counts as optimal. */
export const KKT_TOLERANCE = 1e-8;

/** A first-order residual above this is no solution at all; up to it, and above KKT_TOLERANCE, a recorded one. */
export const ACCEPTABLE_RESIDUAL = 1e-5;
