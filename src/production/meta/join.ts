import { UserError } from "../../base/errors.ts";
import { panelHash, writePanelParquet } from "../../lakehouse/parquet/panel_parquet.ts";
import { shared, type SharedValue } from "../../flow/mod.ts";
import { periodsPerYear } from "../../quant/calendars/periods_per_year.ts";
import type { CalendarId } from "../../quant/calendars/session_calendar.ts";
import {
  fallenAway,
  type JoinedSleeves,
  joinSleeves,
  type SleeveCoverage,
} from "../../quant/meta/join_sleeves.ts";
import type { Panel } from "../../quant/panel.ts";
import { type Artifact, copyArtifact, storeArtifact } from "../tasks/artifact_store.ts";
import type { MetaContext } from "./meta_context.ts";
import { runStage } from "./meta_event.ts";
import type { SleeveOutcome } from "./read_sleeve.ts";

/** The sleeves of a meta-portfolio on the days that they share. */
export interface JoinedReturns {
  /** Days × sleeves. */
  readonly returns: SharedValue<Panel>;
  /** One a sleeve, in their order. */
  readonly coverage: readonly SleeveCoverage[];
  readonly compoundedDays: number;
  readonly outsideDays: number;
  /** The sparsest of the sleeves' calendars: the one that the shared days follow. */
  readonly calendar: CalendarId;
  readonly periodsPerYear: number;
  /** One a sleeve of which more than a fifth of its days are no rows. */
  readonly warnings: readonly string[];
}

/** Above it a reader is told that days of a sleeve fell away. */
const MAX_FALLEN_AWAY = 0.2;
const DAY_SECONDS = 86_400;
/** From the fewest days a year to the most. */
const CALENDARS: readonly CalendarId[] = ["XNYS", "24x5", "24x7"];

/** Joins the out-of-sample returns of the sleeves by day; also as a file of the run. */
export function join(
  context: MetaContext,
  sleeves: readonly SleeveOutcome[],
): Promise<JoinedReturns> {
  const { trail, folders, run, clock, onEvent } = context;
  const calendar = CALENDARS.find((id) => sleeves.some((sleeve) => sleeve.calendar === id))!;
  const record = () =>
    trail.record({
      step: "join",
      context: {},
      inputs: { sleeves: Object.fromEntries(sleeves.map((one) => [one.id, one.returnsSha256])) },
      run: () => joinAndStore(sleeves, folders.store, run.sleeveReturns),
      outputs: ({ panel, artifact, coverage }) => ({
        returns: panelHash(panel),
        file: artifact.sha256,
        calendar,
        days: panel.timestampsS.length,
        coverage: coverage.map((one) => ({ ...one })),
      }),
    });
  return runStage(
    clock,
    onEvent,
    "join",
    async () => {
      const { panel, coverage, compoundedDays, outsideDays } = await record();
      const warnings = coverageWarnings(coverage);
      for (const message of warnings) onEvent({ type: "Notice", message });
      return {
        returns: shared(panel),
        coverage,
        compoundedDays,
        outsideDays,
        calendar,
        periodsPerYear: periodsPerYear(calendar, DAY_SECONDS),
        warnings,
      };
    },
    ({ returns: { value } }) =>
      `${value.timestampsS.length} days × ${value.symbols.length} sleeves`,
  );
}

async function joinAndStore(
  sleeves: readonly SleeveOutcome[],
  storeDir: string,
  path: string,
): Promise<JoinedSleeves & { readonly artifact: Artifact }> {
  const joined = joinOrRefuse(sleeves);
  const artifact = await storeArtifact(
    storeDir,
    ".parquet",
    (temporaryPath) => writePanelParquet(temporaryPath, joined.panel),
  );
  await copyArtifact(storeDir, artifact, path);
  return { ...joined, artifact };
}

function joinOrRefuse(sleeves: readonly SleeveOutcome[]): JoinedSleeves {
  try {
    return joinSleeves(sleeves);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UserError("meta/too-few-days", cause.message, {
      hint: "Give sleeves whose backtests reach over the same days.",
      cause,
    });
  }
}

function coverageWarnings(coverage: readonly SleeveCoverage[]): string[] {
  return coverage.filter((sleeve) => fallenAway(sleeve) > MAX_FALLEN_AWAY).map((sleeve) => {
    const { id, days, compounded, outside } = sleeve;
    const percent = Math.round(100 * fallenAway(sleeve));
    return `${percent} % of the ${days} days of sleeve ${id} are not shared by all sleeves: ` +
      `${compounded} are compounded into the next shared day, ${outside} before or after are left out`;
  });
}
