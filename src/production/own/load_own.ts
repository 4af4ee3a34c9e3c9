import { errorMessage, UserError } from "../../base/errors.ts";
import { codeHash } from "../../flow/mod.ts";
import type { OwnConfig, OwnKind, OwnModule } from "../../manifest/own_config.ts";
import type { MetricDescriptor } from "../../quant/metrics/metric_descriptors.ts";
import type { OwnMetric, OwnOptimizer, OwnSimulator, OwnStrategy } from "./own_types.ts";

/** One of a user's own, as tasks are told of it: with the hash of its code, so that a result of other code is none of
 * it. */
export interface OwnReference extends OwnModule {
  readonly name: string;
  readonly codeSha256: string;
}

interface OwnExports {
  readonly profiles: OwnOptimizer;
  readonly strategies: OwnStrategy;
  readonly simulators: OwnSimulator;
  readonly metrics: OwnMetric;
}

/** Where the project lies on this machine. */
const PROJECT = new URL("../../../", import.meta.url);

/** Names one of a user's own for tasks.
 * @returns undefined when the name is none of them */
export async function ownReference(
  own: OwnConfig,
  kind: OwnKind,
  name: string,
): Promise<OwnReference | undefined> {
  if (!Object.hasOwn(own[kind], name)) return undefined;
  const { module, exportName } = own[kind][name];
  return { name, module, exportName, codeSha256: await codeHash(new URL(module, PROJECT).href) };
}

/** Loads one of a user's own, on a worker or where the user is.
 * @throws {UserError} when the module cannot be loaded, or its export is no such thing */
export async function loadOwn<K extends OwnKind>(
  kind: K,
  name: string,
  { module, exportName }: OwnModule,
): Promise<OwnExports[K]> {
  const refuse = (reason: string, hint?: string, cause?: unknown) =>
    new UserError("own/cannot-load", `Cannot load own.${kind}.${name} from ${module}: ${reason}`, {
      hint,
      cause,
    });
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = await import(new URL(module, PROJECT).href);
  } catch (cause) {
    throw refuse(errorMessage(cause), undefined, cause);
  }
  const found = exports[exportName];
  if (found === undefined) {
    throw refuse(`it has no export ${exportName}`, `It has: ${Object.keys(exports).join(", ")}.`);
  }
  if (kind === "metrics" ? isMetric(found) : typeof found === "function") {
    return found as OwnExports[K];
  }
  throw refuse(
    kind === "metrics"
      ? `${exportName} is no metric: it needs label, unit, higherIsBetter, formula and compute`
      : `${exportName} is no function`,
  );
}

/** Loads everything of a user's own, so that what is wrong with it is told before any work.
 * @throws {UserError} as {@linkcode loadOwn} */
export async function checkOwn(own: OwnConfig): Promise<void> {
  for (const [kind, byName] of Object.entries(own)) {
    for (const [name, module] of Object.entries(byName)) {
      await loadOwn(kind as OwnKind, name, module);
    }
  }
}

/** What reports say of metrics of a user's own. */
export async function ownDescriptors({ metrics }: OwnConfig): Promise<MetricDescriptor[]> {
  return await Promise.all(
    Object.entries(metrics).map(async ([name, module]) => {
      const { label, unit, higherIsBetter, formula } = await loadOwn("metrics", name, module);
      return { name, label, unit, higherIsBetter, formula };
    }),
  );
}

function isMetric(found: unknown): found is OwnMetric {
  if (typeof found !== "object" || found === null) return false;
  const { label, unit, higherIsBetter, formula, compute } = found as Partial<OwnMetric>;
  return typeof label === "string" && typeof formula === "string" &&
    typeof compute === "function" && ["percent", "ratio", "count"].includes(unit ?? "") &&
    (higherIsBetter === null || typeof higherIsBetter === "boolean");
}
