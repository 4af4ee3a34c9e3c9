import { nearestHint, type Problem } from "../base/config_problem.ts";
import { MAX_META_DEPTH, type SleeveLayer } from "./meta_config.ts";
import type { Manifest } from "./schema.ts";

/** What the schema cannot see of meta profiles: sleeves of one id, names that lead nowhere, meta-portfolios that hold
 * themselves or lie too deep. */
export function metaProblems(manifest: Manifest): Problem[] {
  const metaProfiles = manifest.meta_profiles ?? {};
  const names = Object.keys(metaProfiles);
  const sleeveProblems = Object.entries(metaProfiles).flatMap(([name, { sleeves }]) =>
    sleeves.flatMap((sleeve, i) => {
      const path = ["meta_profiles", name, "sleeves", i];
      const isSecond = sleeves.findIndex(({ id }) => id === sleeve.id) < i;
      return [
        ...isSecond
          ? [problem([...path, "id"], `is ${quote(sleeve.id)}, as another sleeve's`)]
          : [],
        ...sourceProblems(manifest, names, sleeve, path),
      ];
    })
  );
  return [
    ...defaultProblems(manifest, names),
    ...sleeveProblems,
    ...sleeveProblems.length > 0 ? [] : nestingProblems(manifest, names),
  ];
}

function sourceProblems(
  { profiles, aliases = {} }: Manifest,
  metaNames: readonly string[],
  { profile, meta_profile, run_id }: SleeveLayer,
  path: readonly PropertyKey[],
): Problem[] {
  if ((profile === undefined) === (meta_profile === undefined)) {
    return [problem(path, "needs either profile or meta_profile")];
  }
  if (meta_profile !== undefined) {
    if (run_id !== undefined) {
      return [problem([...path, "run_id"], "belongs to a profile, the sleeve has a meta_profile")];
    }
    if (metaNames.includes(meta_profile)) return [];
    const message = `is ${quote(meta_profile)}, but there is no such meta profile`;
    return [problem([...path, "meta_profile"], message, nearestHint(meta_profile, metaNames))];
  }
  const known = [...Object.keys(profiles), ...Object.keys(aliases)];
  if (known.includes(profile!)) return [];
  const message = `is ${quote(profile!)}, but there is no such profile or alias`;
  return [problem([...path, "profile"], message, nearestHint(profile!, known))];
}

function defaultProblems(
  { default_meta_profile: name }: Manifest,
  metaNames: readonly string[],
): Problem[] {
  if (name === undefined || metaNames.includes(name)) return [];
  const message = `is ${quote(name)}, but there is no such meta profile`;
  return [problem(["default_meta_profile"], message, nearestHint(name, metaNames))];
}

/** One problem at most: a cycle is seen from everywhere in it. */
function nestingProblems(manifest: Manifest, names: readonly string[]): Problem[] {
  for (const name of names) {
    const found = walk(manifest, [name]);
    if (found !== undefined) return [found];
  }
  return [];
}

function walk(manifest: Manifest, path: readonly string[]): Problem | undefined {
  const name = path[path.length - 1];
  const { sleeves } = manifest.meta_profiles![name];
  for (const [i, { meta_profile: inner }] of sleeves.entries()) {
    if (inner === undefined) continue;
    const at = ["meta_profiles", name, "sleeves", i, "meta_profile"];
    const chain = [...path, inner];
    if (path.includes(inner)) {
      const cycle = chain.slice(chain.indexOf(inner)).join(" → ");
      return problem(at, `is ${quote(inner)}, which closes a cycle: ${cycle}`);
    }
    if (chain.length > MAX_META_DEPTH) {
      return problem(
        at,
        `is ${quote(inner)}, which lies too deep: ${chain.join(" → ")}`,
        `At most ${MAX_META_DEPTH} meta profiles may lie within each other.`,
      );
    }
    const found = walk(manifest, chain);
    if (found !== undefined) return found;
  }
  return undefined;
}

function problem(path: readonly PropertyKey[], message: string, hint?: string): Problem {
  return { path, atKey: false, message: `${path.join(".")} ${message}`, hint };
}

function quote(text: string): string {
  return JSON.stringify(text);
}
