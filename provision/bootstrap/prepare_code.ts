import { execOk, type Host, HostError, shellQuote } from "../ssh/host.ts";
import type { NodePlace, NodeProgram } from "./node_program.ts";

const TIMEOUT_MS = 600_000;

/** Makes a node's code ready: of what the machine has, else of what it can fetch, else of what is sent to it.
 * @throws {HostError} with what the last command said */
export async function prepareCode(
  host: Host,
  place: NodePlace,
  { program, note, signal }: {
    readonly program: NodeProgram;
    readonly note: (message: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const run = async (what: string, words: readonly string[]) => {
    const line = `cd ${shellQuote(place.codeDir)} && ${words.map(shellQuote).join(" ")}`;
    await execOk(host, what, line, { signal, timeoutMs: TIMEOUT_MS });
  };
  const prepare = async (from: "machine" | "registry") => {
    for (const command of program.prepare(place, from)) {
      note(`prepares its code: ${command.slice(1).join(" ")}`);
      await run("prepare the code", command);
    }
  };
  const { packages } = program;
  if (await isDone(prepare("machine"))) return;
  if (await isDone(run("reach the registry", packages.canFetch(place)))) {
    return await prepare("registry");
  }
  note("it cannot fetch its packages: they are packed here");
  const archive = await packages.archive();
  note(`sends its packages, ${(archive.length / 1e6).toFixed(1)} MB`);
  const file = `${place.dir}/packages.tar.gz`;
  await host.upload(archive, file, { mode: 0o600, signal });
  await run("unpack the packages", packages.unpack(place, file));
  await execOk(host, "remove the archive", `rm ${shellQuote(file)}`, { signal });
  await prepare("machine");
}

/** @returns false when the machine said no; a machine that is away is another matter */
async function isDone(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof HostError && error.kind === "failed") return false;
    throw error;
  }
}
