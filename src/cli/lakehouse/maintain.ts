import { systemClock } from "../../base/clock.ts";
import { UserError } from "../../base/errors.ts";
import { formatSize } from "../../base/size_text.ts";
import { syncLakehouse } from "../../lakehouse/sync_lakehouse.ts";
import { verifyLakehouse } from "../../lakehouse/verify_lakehouse.ts";
import { GRACE_HOURS } from "../../lakehouse/snapshots/retention.ts";
import { DEFAULTS as MANIFEST_DEFAULTS } from "../../manifest/config.ts";
import { EXIT_CODES } from "../exit_codes.ts";
import type { ParsedFlags } from "../flags.ts";
import { type LakehouseCommand, PLACE_FLAGS, withPlace } from "./lakehouse_command.ts";

const MS_PER_HOUR = 3_600_000;
const { storage } = MANIFEST_DEFAULTS;
const DEFAULTS = {
  keep: storage.keep_versions,
  "keep-days": storage.keep_days,
  "grace-hours": GRACE_HOURS,
};

/** `lakehouse verify`: whether everything is as it was written. */
export const VERIFY: LakehouseCommand = {
  brief: "checks every file of every version",
  spec: {
    command: "deno task lakehouse verify",
    summary:
      "Checks every file that a version names: its hash, its rows, types, order and bounds against what is said of it.",
    positionals: [],
    flags: PLACE_FLAGS,
    epilogue: ["Exit codes: 0 all is whole · 1 something is not · 2 the catalog cannot be read."],
  },
  run: (input) =>
    withPlace(input, async (lake) => {
      const { terminal, flags, withProgress } = input;
      const verdict = await withProgress(
        "verify",
        (onProgress) => verifyLakehouse(lake.store, onProgress),
      );
      const { versions, tables, parts, sizeBytes, problems } = verdict;
      if (flags.has("json")) terminal.out(JSON.stringify(verdict));
      else {
        problems.forEach(terminal.err);
        terminal.out(
          `${versions} versions, ${tables} states of tables, ${parts} files, ${
            formatSize(sizeBytes)
          }: ${problems.length === 0 ? "all is whole." : `${problems.length} problems.`}`,
        );
      }
      return problems.length === 0 ? EXIT_CODES.ok : EXIT_CODES.failure;
    }),
};

/** `lakehouse sync`: copies the newest version from one place to another. */
export const SYNC: LakehouseCommand = {
  brief: "copies the newest version to another place",
  spec: {
    command: "deno task lakehouse sync",
    summary:
      "Copies the newest version of a lakehouse to another place as one commit; only files that are not there travel. Each place is a folder or s3://BUCKET/PREFIX.",
    positionals: ["FROM", "TO"],
    flags: [
      ...PLACE_FLAGS.filter(({ name }) => name !== "lakehouse" && name !== "offline"),
      { name: "force", kind: "switch", help: "Also replace tables that were changed at TO." },
      {
        name: "history",
        kind: "switch",
        help: "Also copy the versions before, as far as TO does not have them, with their times.",
      },
    ],
    epilogue: [
      "Credentials, region and endpoint (AWS_ENDPOINT_URL_S3) are found as by any tool of AWS.",
      "Exit codes: 0 done · 1 the store failed · 2 bad input, or tables were changed at TO.",
    ],
  },
  run: (input) => {
    const { terminal, flags, withProgress, positionals: [from, to] } = input;
    return withPlace(input, (source) =>
      withPlace(input, async (target) => {
        const outcome = await withProgress("sync", (onProgress) =>
          syncLakehouse(source.store, target.store, {
            clock: systemClock,
            isForced: flags.has("force"),
            hasHistory: flags.has("history"),
            onProgress,
          }));
        const { version, versions, tables, parts, sizeBytes } = outcome;
        terminal.out(
          flags.has("json")
            ? JSON.stringify(outcome)
            : version === undefined
            ? `${source.dir} has no version yet.`
            : `${versions} versions, ${tables} tables, ${parts} files, ${
              formatSize(sizeBytes)
            } copied; ${target.dir} is at version ${version}.`,
        );
        return EXIT_CODES.ok;
      }, to), from);
  },
};

/** `lakehouse gc`: drops old versions. */
export const GC: LakehouseCommand = {
  brief: "drops old versions, removes files that none names",
  spec: {
    command: "deno task lakehouse gc",
    summary:
      "Drops versions that are both old and many, and removes files that no version names. The newest version always stays.",
    positionals: [],
    flags: [
      ...PLACE_FLAGS.filter(({ name }) => name !== "offline"),
      {
        name: "keep",
        kind: "value",
        placeholder: "N",
        help: `Keep so many of the newest versions (default: ${DEFAULTS.keep}).`,
      },
      {
        name: "keep-days",
        kind: "value",
        placeholder: "DAYS",
        help: `Keep versions that were the newest so lately (default: ${DEFAULTS["keep-days"]}).`,
      },
      {
        name: "grace-hours",
        kind: "value",
        placeholder: "HOURS",
        help: `Keep unnamed files so long (default: ${DEFAULTS["grace-hours"]}).`,
      },
      { name: "dry-run", kind: "switch", help: "Only say what would be removed." },
    ],
    epilogue: ["Exit codes: 0 done · 1 the store failed · 2 bad input, or a manifest is damaged."],
  },
  run: (input) =>
    withPlace(input, async (lake) => {
      const { terminal, flags } = input;
      const retention = {
        keepVersions: numberFlag(input, "keep"),
        keepMs: numberFlag(input, "keep-days") * 24 * MS_PER_HOUR,
        graceMs: numberFlag(input, "grace-hours") * MS_PER_HOUR,
      };
      const isDryRun = flags.has("dry-run");
      const collection = await lake.collect(retention, { isDryRun });
      const sizeBytes = collection.removed.reduce((sum, one) => sum + one.sizeBytes, 0);
      const { dropped, removed } = collection;
      terminal.out(
        flags.has("json")
          ? JSON.stringify({ dropped, removed: removed.map(({ key }) => key), sizeBytes, isDryRun })
          : `${dropped.length} versions ${
            isDryRun ? "would be " : ""
          }dropped, ${removed.length} files ${isDryRun ? "would be " : ""}removed, ${
            formatSize(sizeBytes)
          }.`,
      );
      return EXIT_CODES.ok;
    }),
};

function numberFlag({ flags }: ParsedFlags, name: keyof typeof DEFAULTS): number {
  const text = flags.get(name);
  if (text === undefined) return DEFAULTS[name];
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && Number.isFinite(value)) return value;
  throw new UserError(
    "command/bad-value",
    `Cannot use --${name} ${JSON.stringify(text)}: a number from 0 on is expected`,
  );
}
