import { z } from "zod";
import { GATES_FIELD } from "./gates_config.ts";
import { flag, list, number, oneOf, section, text, whole } from "./schema_fields.ts";

const SLEEVE_ID = /^[A-Za-z0-9_]{1,32}$/;

/** The schema of section `meta`.
 * @param metaProfiles optimiser profiles that can weigh sleeves */
export function metaSectionSchema(metaProfiles: readonly string[]): z.ZodOptional<z.ZodObject> {
  return z.strictObject({
    profiles: list(oneOf(metaProfiles), "names of optimiser profiles"),
    train: whole(2),
    step: whole(1),
    anchored: flag(),
    min_weight: number(0, 1),
    max_weight: number(0, 1, "above"),
    risk_free_rate: number(-1, 1),
    rebalance: oneOf(["window", "daily", "drift"]),
    drift_threshold: number(0, 1),
    slippage_bps: number(0, 9_999),
    commission_bps: number(0, 9_999),
    initial_wealth: number(0, 1e15, "above"),
    on_failure: oneOf(["fail", "continue"]),
  }, section).partial().optional();
}

/** The schema of a meta profile. */
export function metaLayerSchema(metaProfiles: readonly string[]): z.ZodObject {
  const candidate = z.strictObject({
    selection: text("the name of a mode of selection").optional(),
    engine: text("the name of an engine").optional(),
    profile: text("the name of an optimiser profile").optional(),
    rebalance: text("the name of a rebalance rule").optional(),
    simulator: text("the name of a simulator").optional(),
  }, section);
  const sleeve = z.strictObject({
    id: z.string({ error: "1 to 32 letters, digits and _" })
      .regex(SLEEVE_ID, "1 to 32 letters, digits and _"),
    profile: text("the name of a profile").optional(),
    run_id: text("a run id").optional(),
    meta_profile: text("the name of a meta profile").optional(),
    candidate: candidate.optional(),
  }, section);
  const error = "a list of at least two sleeves";
  return z.strictObject({
    title: text("a text").optional(),
    meta: metaSectionSchema(metaProfiles),
    gates: GATES_FIELD.partial().optional(),
    sleeves: z.array(sleeve, { error }).min(2, { error }),
  }, section);
}
