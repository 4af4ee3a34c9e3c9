import { formatSize } from "../base/size_text.ts";
import { resolve, toFileUrl } from "@std/path";
import { packProject } from "../../cluster/code/code_archive.ts";
import { findProject } from "../../cluster/code/find_project.ts";
import { listProjectFiles } from "../../cluster/code/project_files.ts";
import { print, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";

const COMMAND: CommandSpec = {
  command: "deno task cluster:code",
  summary: "Shows which files of a project travel to the nodes with its tasks, and its version.",
  positionals: [],
  flags: [
    {
      name: "dir",
      kind: "value",
      placeholder: "DIR",
      help: "A folder of the project (default: this one).",
    },
    { name: "json", kind: "switch", help: "As JSON." },
  ],
  epilogue: ["Exit codes: 0 shown · 2 bad input, such as a project over the limits."],
};

function main({ flags }: ParsedFlags): Promise<number> {
  const folder = resolve(flags.get("dir") ?? ".");
  const project = findProject(toFileUrl(`${folder}/a module`).href);
  const { files, leftOut } = listProjectFiles(project);
  const { hash, bytes } = packProject(project);
  const shown = files.map(({ path, sizeBytes }) => ({ path, size_bytes: sizeBytes }));
  const summary = {
    project,
    hash,
    archive_bytes: bytes.byteLength,
    files: shown,
    left_out: leftOut,
  };
  print(flags.has("json") ? `${JSON.stringify(summary)}\n` : render(summary));
  return Promise.resolve(EXIT_CODES.ok);
}

function render(summary: {
  readonly project: string;
  readonly hash: string;
  readonly archive_bytes: number;
  readonly files: readonly { readonly path: string; readonly size_bytes: number }[];
  readonly left_out: readonly string[];
}): string {
  const lines = [
    ...summary.files.map(({ path, size_bytes }) => `${String(size_bytes).padStart(12)}  ${path}`),
    ...summary.left_out.map((path) => `    left out  ${path}`),
    "",
    `Project  ${summary.project}`,
    `Version  ${summary.hash}`,
    `Archive  ${summary.files.length} files, ${formatSize(summary.archive_bytes)}`,
  ];
  return `${lines.join("\n")}\n`;
}

if (import.meta.main) await runCommand(COMMAND, main);
