import { writeFileAtomic } from "../base/atomic_file.ts";
import { UserError } from "../base/errors.ts";
import { outputFolders, RunFolder } from "../production/run_folder.ts";
import {
  compareReports,
  comparisonTables,
  readReport,
  renderCharts,
  renderComparisonHtml,
  renderComparisonMarkdown,
  renderHtml,
  renderMarkdown,
  type ReportModel,
} from "../report/mod.ts";
import { OUT_FLAG } from "./audit_command.ts";
import { print, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { DEFAULT_OUT } from "./production_arguments.ts";

const REPORT_COMMAND: CommandSpec = {
  command: "deno task report",
  summary:
    "Writes report.html and report.md of a run anew, from its report.json; with --compare, two runs side by side.",
  positionals: ["RUN_ID"],
  flags: [
    {
      name: "compare",
      kind: "value",
      placeholder: "RUN_ID",
      help: "Another run: writes compare-RUN_ID.html and .md, and prints what differs.",
    },
    OUT_FLAG,
    { name: "json", kind: "switch", help: "Print the files, or the comparison, as JSON." },
  ],
  epilogue: [
    "Exit codes: 0 done · 1 failed · 2 bad input: no such run, or its report.json is of another schema.",
  ],
};

/** The command `report`.
 * @returns the exit code */
async function main({ flags, positionals: [runId = ""] }: ParsedFlags): Promise<number> {
  const folders = outputFolders(flags.get("out") ?? DEFAULT_OUT);
  const run = new RunFolder(folders, runId);
  const model = await readModel(run);
  const otherId = flags.get("compare");
  if (otherId === undefined) await renderAgain(run, model, flags.has("json"));
  else {
    const other = await readModel(new RunFolder(folders, otherId));
    await compare(run, model, other, flags.has("json"));
  }
  return EXIT_CODES.ok;
}

async function readModel(run: RunFolder): Promise<ReportModel> {
  try {
    return readReport(await Deno.readTextFile(run.reportJson), run.reportJson);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UserError(
      "run/no-report",
      `Cannot report on run ${run.runId}: there is no ${run.reportJson}`,
      {
        hint: "A run has one once it has ended; --out DIR names another output folder.",
        cause,
      },
    );
  }
}

async function renderAgain(run: RunFolder, model: ReportModel, isJson: boolean): Promise<void> {
  const files = { html: run.reportHtml, markdown: run.reportMarkdown };
  await writeFileAtomic(files.html, renderHtml(model, await renderCharts(model)));
  await writeFileAtomic(files.markdown, renderMarkdown(model));
  print(
    isJson
      ? `${JSON.stringify({ run_id: run.runId, ...files })}\n`
      : `Report   ${files.html}\nMarkdown ${files.markdown}\n`,
  );
}

async function compare(
  run: RunFolder,
  first: ReportModel,
  second: ReportModel,
  isJson: boolean,
): Promise<void> {
  const base = `${run.path}/compare-${second.runId}`;
  const files = { html: `${base}.html`, markdown: `${base}.md` };
  const comparison = compareReports(first, second);
  await writeFileAtomic(files.html, await renderComparisonHtml(first, second));
  await writeFileAtomic(files.markdown, renderComparisonMarkdown(first, second));
  if (isJson) {
    print(`${JSON.stringify({ ...comparison, files })}\n`);
    return;
  }
  const tables = comparisonTables(comparison, first);
  for (const { caption, columns, rows } of tables) {
    print(`${caption}\n${plainTable(columns, rows)}\n\n`);
  }
  if (tables.length === 0) print("Nothing differs.\n\n");
  print(`Compared ${files.html}\n`);
}

function plainTable(
  columns: readonly { readonly label: string; readonly isNumber?: boolean }[],
  rows: readonly (readonly string[])[],
): string {
  const widths = columns.map(({ label }, i) =>
    Math.max(label.length, ...rows.map((row) => row[i]?.length ?? 0))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) =>
      columns[i]?.isNumber ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)
    ).join("  ").trimEnd();
  return [line(columns.map(({ label }) => label)), ...rows.map(line)].join("\n");
}

if (import.meta.main) await runCommand(REPORT_COMMAND, main);
