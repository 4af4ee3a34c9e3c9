import { closestString } from "@std/text/closest-string";
import { UserError } from "../base/errors.ts";
import { catalog, type CatalogPart, PART_KINDS } from "../production/catalog.ts";
import { readManifest } from "../manifest/load_manifest.ts";
import { resolveOwn } from "../manifest/own_config.ts";
import { ownParts } from "../production/own/own_parts.ts";
import { print, runCommand } from "./command.ts";
import { MANIFEST_NAMES } from "./manifest_names.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";

const COMMAND: CommandSpec = {
  command: "deno task research",
  summary: "Says what a grid can be made of: engines, profiles, simulators and metrics.\n" +
    "list shows all of them with their formulas, and the keys of the manifest with their defaults;\n" +
    "show NAME one, with the keys that it listens to.",
  positionals: ["list|show"],
  optionalPositionals: ["NAME"],
  flags: [
    {
      name: "kind",
      kind: "value",
      placeholder: "KIND",
      help: `Only these: ${PART_KINDS.join(", ")}.`,
    },
    {
      name: "manifest",
      kind: "value",
      placeholder: "FILE",
      help: "Also what this manifest brings of its own.",
    },
    { name: "json", kind: "switch", help: "As JSON, with formulas and defaults." },
  ],
  epilogue: [
    "Examples: deno task research list --kind profile · deno task research show max_sharpe",
    "Exit codes: 0 shown · 2 bad input.",
  ],
};

/** The command `research`.
 * @returns the exit code */
async function main({ flags, positionals }: ParsedFlags): Promise<number> {
  const [command, name] = positionals;
  const manifest = flags.get("manifest");
  const own = manifest === undefined ? [] : await partsOfManifest(manifest);
  const parts = ofKind([...catalog(), ...own], flags.get("kind"));
  if (command === "list" && name !== undefined) {
    throw refused(`Cannot use the argument ${JSON.stringify(name)}`);
  }
  if (command !== "list" && command !== "show") {
    throw refused(`Cannot run research ${command}: there is no such command`);
  }
  if (command === "show" && name === undefined) throw refused("Cannot show nothing: give a NAME");
  const shown = command === "list" ? parts : named(parts, name);
  const text = flags.has("json")
    ? `${JSON.stringify(shown)}\n`
    : command === "list"
    ? renderList(shown)
    : shown.map(renderPart).join("\n");
  print(text);
  return EXIT_CODES.ok;
}

async function partsOfManifest(path: string): Promise<readonly CatalogPart[]> {
  const manifest = await readManifest(path, MANIFEST_NAMES);
  return await ownParts(resolveOwn(manifest.own ?? {}, path));
}

function refused(message: string): UserError {
  return new UserError("command/bad-value", message, { hint: `See ${COMMAND.command} --help.` });
}

function ofKind(parts: readonly CatalogPart[], kind: string | undefined): readonly CatalogPart[] {
  if (kind === undefined) return parts;
  const found = parts.filter((part) => part.kind === kind);
  if (found.length > 0) return found;
  throw new UserError(
    "command/bad-value",
    `Cannot list parts of the kind ${JSON.stringify(kind)}`,
    {
      hint: `There are: ${PART_KINDS.join(", ")}.`,
    },
  );
}

/** A name may be one of several kinds. */
function named(parts: readonly CatalogPart[], name: string): readonly CatalogPart[] {
  const found = parts.filter((part) => part.name === name);
  if (found.length > 0) return found;
  throw new UserError(
    "command/bad-value",
    `Cannot show ${JSON.stringify(name)}: nothing is called so`,
    {
      hint: `The nearest name is ${closestString(name, parts.map((part) => part.name))}.`,
    },
  );
}

/** Every part with its formula, by kind; what a run takes by itself has a mark. Then the keys that they listen to. */
export function renderList(parts: readonly CatalogPart[]): string {
  const width = Math.max(...parts.map(({ name }) => name.length)) + 2;
  const sections = PART_KINDS.flatMap((kind) => {
    const ofThis = parts.filter((part) => part.kind === kind);
    if (ofThis.length === 0) return [];
    const lines = ofThis.flatMap(({ name, description, formula, isDefault }) => {
      if (kind === "metric") return [`    ${name.padEnd(width)}${description}: ${formula}`];
      const mark = isDefault ? "*" : " ";
      return [`  ${mark} ${name.padEnd(width)}${description}`, `    ${"".padEnd(width)}${formula}`];
    });
    return [[`${kind}s`, ...lines].join("\n")];
  });
  const note = parts.some(({ kind }) => kind !== "metric")
    ? ["* taken when the manifest says nothing. deno task research show NAME tells its keys."]
    : [];
  const keys = Object.assign({}, ...parts.map(({ defaults }) => defaults));
  const defaults = Object.keys(keys).length === 0
    ? []
    : [["keys of the manifest", ...keyLines(keys)].join("\n")];
  return `${[...sections, ...defaults, ...note].join("\n\n")}\n`;
}

/** One part with its formula and keys. */
export function renderPart({ kind, name, description, formula, defaults }: CatalogPart): string {
  return [
    `${name} (${kind})`,
    `  ${description}`,
    `  ${formula}`,
    ...keyLines(defaults),
    "",
  ].join("\n");
}

function keyLines(defaults: CatalogPart["defaults"]): string[] {
  const keys = Object.entries(defaults);
  const width = Math.max(0, ...keys.map(([key]) => key.length)) + 2;
  return keys.map(([key, value]) => `  ${key.padEnd(width)}${value ?? "not set"}`);
}

if (import.meta.main) await runCommand(COMMAND, main);
