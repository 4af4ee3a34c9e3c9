import { errorMessage } from "../../src/base/errors.ts";

/** How much of what Deno said goes into an error, from its end. */
const MAX_TOLD = 2_000;

/** What is to be installed, and how. */
export interface Installation {
  /** The project's folder. */
  readonly folder: string;
  readonly configPath: string;
  /** Take packages from the cache alone. */
  readonly isOffline: boolean;
  readonly timeoutMs: number;
}

/** Brings the packages that a project's lock names into Deno's cache. Their install scripts are not run.
 * @throws {Error} with what Deno said, at most 2,000 characters of it */
export async function installPackages(installation: Installation): Promise<void> {
  const { folder, configPath, isOffline, timeoutMs } = installation;
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "install",
      "--quiet",
      "--frozen",
      "--node-modules-dir=none",
      `--config=${configPath}`,
      ...(isOffline ? ["--cached-only"] : []),
    ],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.timeout(timeoutMs),
  });
  let output: Deno.CommandOutput;
  try {
    output = await command.output();
  } catch (error) {
    throw new Error(`Cannot start deno install: ${errorMessage(error)}`, { cause: error });
  }
  if (output.success) return;
  const end = output.signal === null
    ? `ended with exit code ${output.code}`
    : `was ended after ${timeoutMs} ms`;
  const told = new TextDecoder().decode(output.stderr).trim();
  throw new Error(`deno install ${end}: ${told.slice(-MAX_TOLD)}`);
}
