import type { OwnConfig, OwnKind } from "../../manifest/own_config.ts";
import type { CatalogPart } from "../catalog.ts";
import { loadOwn } from "./load_own.ts";

/** What each kind is in a catalogue. */
const KINDS: Readonly<
  Record<OwnKind, { readonly kind: CatalogPart["kind"]; readonly of: string }>
> = {
  profiles: { kind: "profile", of: "an optimiser" },
  strategies: { kind: "profile", of: "a whole strategy" },
  simulators: { kind: "simulator", of: "a simulator" },
  metrics: { kind: "metric", of: "a metric" },
};

/** What a manifest brings of its own, as a catalogue shows it.
 * @throws {UserError} as {@linkcode loadOwn} */
export async function ownParts(own: OwnConfig): Promise<CatalogPart[]> {
  const parts = Object.entries(own).flatMap(([kind, byName]) =>
    Object.entries(byName).map(async ([name, module]): Promise<CatalogPart> => {
      const of = kind as OwnKind;
      const loaded = await loadOwn(of, name, module);
      const place = `${module.module}#${module.exportName}`;
      const what = "label" in loaded ? `${loaded.label} (${loaded.unit})` : KINDS[of].of;
      return {
        kind: KINDS[of].kind,
        name,
        description: `${what}, your own: ${place}`,
        formula: loaded.formula ?? `what ${place} computes`,
        defaults: {},
        isDefault: of === "metrics",
      };
    })
  );
  return await Promise.all(parts);
}
