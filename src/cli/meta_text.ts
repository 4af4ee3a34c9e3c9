import type { MetaOutcome } from "../production/meta/meta_flow.ts";
import {
  type PlannedMeta,
  type PlannedRun,
  plannedRuns,
  type PlannedSleeve,
} from "../production/meta/plan_meta.ts";
import { runIdOf } from "../production/meta/run_sleeves.ts";

const MAX_ASSETS = 8;

/** What a meta-portfolio would do, as a tree. */
export function renderMetaPlan(planned: PlannedMeta): string {
  const runs = plannedRuns(planned);
  const totals = runs.map(tasksOf);
  const sum = (key: keyof Tasks) => totals.reduce((total, tasks) => total + tasks[key], 0);
  return [
    `Run ${planned.runId} would do, at most (what is in the cache is not done again):`,
    ...treeLines(planned, "  ", new Set()),
    `  in all: ${runs.length} runs, ${sum("optimisations")} optimisations, ${
      sum("backtests")
    } backtests, ${sum("all")} tasks`,
    "",
  ].join("\n");
}

/** The same for scripts. */
export function metaPlanJson(planned: PlannedMeta): object {
  const { runId, config, sleeves } = planned;
  return {
    run_id: runId,
    meta_profile: config.metaProfileName,
    meta: config.meta,
    sleeves: sleeves.map((sleeve) => ({
      id: sleeve.id,
      path: sleeve.path,
      run_id: runIdOf(sleeve),
      candidate: sleeve.candidate,
      ...sleeve.type === "meta" ? { nested: metaPlanJson(sleeve.nested) } : runJson(sleeve.run),
    })),
  };
}

function runJson(run: PlannedRun): object {
  const { profileName: profile } = run.config;
  return run.type === "taken" ? { profile, taken: true } : { profile, ...run.plan };
}

interface Tasks {
  readonly optimisations: number;
  readonly backtests: number;
  readonly all: number;
}

function tasksOf(run: PlannedRun): Tasks {
  if (run.type === "taken") return { optimisations: 0, backtests: 0, all: 0 };
  const { selections, clusterings, optimisations, backtests, crossValidations } = run.plan;
  return {
    optimisations,
    backtests,
    all: selections + clusterings + optimisations + backtests + crossValidations,
  };
}

function treeLines(planned: PlannedMeta, indent: string, seen: Set<string>): string[] {
  const { config } = planned;
  const { profiles, train, step, min_weight, max_weight, anchored } = config.meta;
  return [
    `${indent}${config.metaProfileName}: ${
      profiles.join(", ")
    }, weights ${min_weight} to ${max_weight}, ` +
    `train ${train} / step ${step} shared days${anchored ? ", anchored" : ""}`,
    ...planned.sleeves.flatMap((sleeve) => sleeveLines(sleeve, `${indent}  `, seen)),
  ];
}

function sleeveLines(sleeve: PlannedSleeve, indent: string, seen: Set<string>): string[] {
  const { id, candidate } = sleeve;
  const choice = Object.values(candidate).join(" · ") || "first candidate, hrp if there is one";
  if (sleeve.type === "meta") {
    return [
      `${indent}${id} (${candidate.profile ?? "hrp, or the first profile"})`,
      ...treeLines(sleeve.nested, `${indent}  `, seen),
    ];
  }
  const head = `${indent}${id} (${choice}): profile ${sleeve.run.config.profileName}`;
  return [`${head}, ${runText(sleeve.run, seen)}`];
}

function runText(run: PlannedRun, seen: Set<string>): string {
  if (run.type === "taken") return `run ${run.runId} as it is`;
  if (seen.has(run.runId)) return `shares run ${run.runId}`;
  seen.add(run.runId);
  const { candidates, windows, selections, clusterings, optimisations, backtests } = run.plan;
  return `${candidates.length} symbols, ${windows} windows; ${selections} selections, ${clusterings} clusterings, ` +
    `${optimisations} optimisations, ${backtests} backtests`;
}

/** What each portfolio of sleeves is to hold now: its sleeves, then its largest assets. */
export function renderPortfolios(
  { portfolios, sleeves }: MetaOutcome,
  portfolioPath: string,
): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const lines = portfolios.flatMap(({ profile, atS, sleeveWeights, flat }) => {
    const weights = sleeves.outcomes.map(({ id }, i) => `${id} ${percent(sleeveWeights[i])}`);
    const largest = flat.assets.toSorted((a, b) => Math.abs(b.net) - Math.abs(a.net));
    const named = largest.slice(0, MAX_ASSETS).map(({ symbol, net }) =>
      `${symbol} ${percent(net)}`
    );
    const more = largest.length - named.length;
    return [
      `${profile}, as of ${new Date(atS * 1000).toISOString().slice(0, 10)}: net ${
        percent(flat.net)
      }, gross ${percent(flat.gross)}`,
      `  sleeves  ${weights.join(", ")}`,
      `  assets   ${named.join(", ")}${more > 0 ? `, and ${more} more` : ""}`,
    ];
  });
  return ["", ...lines, `Portfolio ${portfolioPath}`, ""].join("\n");
}
