import { type ProviderName, PROVIDERS } from "../../provision/config/cluster_config.ts";
import { clusterInitText } from "../../provision/config/cluster_init.ts";
import { UserError } from "../base/errors.ts";
import { print, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { DEFAULT_CLUSTER_FILE } from "./provision/cluster_folder.ts";

const COMMAND: CommandSpec = {
  command: "deno task cluster:init",
  summary: "Writes the configuration of a new cluster, with a comment on every key.",
  positionals: ["NAME"],
  flags: [
    {
      name: "provider",
      kind: "value",
      placeholder: "NAME",
      help: `Where machines come from: ${PROVIDERS.join(", ")} (default: local, this machine).`,
    },
    {
      name: "file",
      kind: "value",
      placeholder: "FILE",
      help: `Where to write it (default: ${DEFAULT_CLUSTER_FILE}).`,
    },
  ],
  epilogue: ["Exit codes: 0 written · 2 bad input, the file is there already."],
};

async function main({ flags, positionals: [name] }: ParsedFlags): Promise<number> {
  const provider = readProvider(flags.get("provider") ?? "local");
  const file = flags.get("file") ?? DEFAULT_CLUSTER_FILE;
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) {
    throw new UserError("command/bad-value", `Cannot name a cluster ${JSON.stringify(name)}`, {
      hint: "Use 1 to 32 of a-z, 0-9 and -, a letter first.",
    });
  }
  try {
    await Deno.writeTextFile(file, clusterInitText(name, provider), { createNew: true });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AlreadyExists)) throw cause;
    throw new UserError("file/exists", `Cannot write ${file}: it is there already`, {
      hint: "Give another --file, or remove it.",
      cause,
    });
  }
  print(`${file} is written.\n  look at the plan  deno task cluster:up --dry-run\n`);
  return EXIT_CODES.ok;
}

function readProvider(text: string): ProviderName {
  const provider = PROVIDERS.find((known) => known === text);
  if (provider !== undefined) return provider;
  throw new UserError("command/bad-value", `Cannot use the provider ${JSON.stringify(text)}`, {
    hint: `There are: ${PROVIDERS.join(", ")}.`,
  });
}

if (import.meta.main) await runCommand(COMMAND, main);
