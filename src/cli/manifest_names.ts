import type { AllowedNames } from "../manifest/schema.ts";
import { ENGINE_NAMES } from "../quant/engines/engine_names.ts";
import { METRICS } from "../quant/metrics/metric_descriptors.ts";
import { META_PROFILE_NAMES } from "../quant/meta/allocate_sleeves.ts";
import { PROFILE_NAMES } from "../quant/optimizers/profiles.ts";
import { SIMULATOR_NAMES } from "../quant/simulators/simulator_names.ts";

/** The names that manifests may use. */
export const MANIFEST_NAMES: AllowedNames = {
  engines: ENGINE_NAMES,
  profiles: PROFILE_NAMES,
  simulators: SIMULATOR_NAMES,
  metaProfiles: META_PROFILE_NAMES,
  metrics: METRICS.map(({ name }) => name),
};
