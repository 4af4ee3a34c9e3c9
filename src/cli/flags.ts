import { closestString } from "@std/text/closest-string";
import { UserError } from "../base/errors.ts";

/** One flag of a command. */
export interface FlagSpec {
  /** Without dashes. */
  readonly name: string;
  /** `switch`: stands alone · `value`: takes one · `optional`: may take one. */
  readonly kind: "switch" | "value" | "optional";
  /** What the value is called in the help, for instance `FILE`. */
  readonly placeholder?: string;
  readonly help: string;
}

/** What a command takes. */
export interface CommandSpec {
  /** As it is typed, for instance `deno task production`. */
  readonly command: string;
  /** One or two sentences. */
  readonly summary: string;
  /** Names of the arguments that are no flags, all of them required. */
  readonly positionals: readonly string[];
  /** Names of further arguments, which may be left out. */
  readonly optionalPositionals?: readonly string[];
  readonly flags: readonly FlagSpec[];
  /** Sections below the flags: examples, exit codes. */
  readonly epilogue: readonly string[];
}

/** What a user typed: each flag at most once; a switch, and an optional value that was left out, are `""`. */
export interface ParsedFlags {
  readonly flags: ReadonlyMap<string, string>;
  readonly positionals: readonly string[];
}

const HELP: FlagSpec = { name: "help", kind: "switch", help: "Show this text." };

/** Reads a command line. `--name value` and `--name=value` are the same; a lone `--` ends the flags. With `--help`
 * nothing else is checked.
 * @throws {UserError} for a flag that does not exist (with the nearest name), that stands twice, that lacks its value
 * or has one too many, and for too few or too many arguments */
export function parseFlags(spec: CommandSpec, args: readonly string[]): ParsedFlags {
  const known = new Map([...spec.flags, HELP].map((flag) => [flag.name, flag]));
  const flags = new Map<string, string>();
  const positionals: string[] = [];
  const end = args.indexOf("--");
  const beforeEnd = end < 0 ? args : args.slice(0, end);
  if (beforeEnd.includes("--help") || beforeEnd.includes("-h")) {
    return { flags: new Map([["help", ""]]), positionals };
  }
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === "--") {
      positionals.push(...args.slice(i + 1));
      break;
    }
    if (!arg.startsWith("--")) {
      positionals.push(arg);
      continue;
    }
    const [name, inline] = splitOnce(arg.slice(2));
    const flag = known.get(name);
    if (flag === undefined) throw unknownFlag(spec, name, [...known.keys()]);
    if (flags.has(name)) {
      throw new UserError("command/surplus", `Cannot use --${name} twice`, { hint: seeHelp(spec) });
    }
    const next = args[i + 1];
    const takesNext = inline === undefined && flag.kind !== "switch" && next !== undefined &&
      !next.startsWith("--");
    if (takesNext) i++;
    flags.set(name, valueOf(spec, flag, inline ?? (takesNext ? next : undefined)));
  }
  checkPositionals(spec, positionals);
  return { flags, positionals };
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function valueOf(
  spec: CommandSpec,
  { name, kind, placeholder }: FlagSpec,
  value: string | undefined,
): string {
  if (kind === "switch" && value !== undefined) {
    throw new UserError(
      "command/surplus",
      `Cannot give --${name} a value: ${JSON.stringify(value)}`,
      {
        hint: seeHelp(spec),
      },
    );
  }
  if (kind === "value" && (value === undefined || value === "")) {
    throw new UserError(
      "command/missing",
      `Cannot use --${name} without ${placeholder ?? "a value"}`,
      {
        hint: seeHelp(spec),
      },
    );
  }
  return value ?? "";
}

function unknownFlag(spec: CommandSpec, name: string, known: readonly string[]): UserError {
  return new UserError("command/unknown-flag", `Cannot use --${name}: there is no such flag`, {
    hint: `The nearest one is --${closestString(name, known)}. ${seeHelp(spec)}`,
  });
}

function checkPositionals(spec: CommandSpec, positionals: readonly string[]): void {
  const missing = spec.positionals[positionals.length];
  if (missing !== undefined) {
    throw new UserError("command/missing", `Cannot run without ${missing}`, {
      hint: seeHelp(spec),
    });
  }
  const { positionals: required, optionalPositionals = [] } = spec;
  const surplus = positionals[required.length + optionalPositionals.length];
  if (surplus !== undefined) {
    throw new UserError("command/surplus", `Cannot use the argument ${JSON.stringify(surplus)}`, {
      hint: seeHelp(spec),
    });
  }
}

function seeHelp({ command }: CommandSpec): string {
  return `See ${command} --help.`;
}

/** The text of `--help`. */
export function renderHelp(spec: CommandSpec): string {
  const rows = [...spec.flags, HELP].map(({ name, kind, placeholder = "VALUE", help }) => {
    const value = kind === "value"
      ? ` ${placeholder}`
      : kind === "optional"
      ? ` [${placeholder}]`
      : "";
    return [`  --${name}${value}`, help] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  const optional = (spec.optionalPositionals ?? []).map((name) => `[${name}]`);
  return [
    `${[spec.command, ...spec.positionals, ...optional].join(" ")} [flags]`,
    "",
    spec.summary,
    "",
    ...rows.map(([left, help]) => `${left.padEnd(width)}${help}`),
    ...spec.epilogue.flatMap((section) => ["", section]),
  ].join("\n") + "\n";
}
