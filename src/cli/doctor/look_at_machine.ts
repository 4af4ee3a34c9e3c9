import { existsSync, statfsSync } from "node:fs";
import { errorMessage } from "../../base/errors.ts";
import { readTextIfThere } from "../../base/if_there.ts";
import { newId } from "../../base/ids.ts";
import type { MachineFacts } from "./machine.ts";

const PATIENCE_MS = 2_000;

/** Looks at this machine; asks nothing of any other. */
export async function lookAtMachine(port: number): Promise<MachineFacts> {
  const { available, total } = Deno.systemMemoryInfo();
  const limits = readTextIfThere("/proc/self/limits") ?? "";
  return {
    denoVersion: Deno.version.deno,
    polarsError: await polarsError(),
    sharedMemoryBytes: freeBytes("/dev/shm"),
    diskBytes: freeBytes("."),
    writeError: writeError(),
    availableMemoryBytes: available,
    totalMemoryBytes: total,
    cores: navigator.hardwareConcurrency,
    maxOpenFiles: limitOf(limits, "Max open files"),
    maxProcesses: limitOf(limits, "Max processes"),
    hasSshKey: hasSshKey(),
    awsCredentials: awsCredentials(),
    nowMs: Date.now(),
    newestFileMs: newestFileMs(),
    port: { number: port, state: await portState(port) },
  };
}

/** PURE: the soft limit of a line of /proc/self/limits; undefined when there is none. */
export function limitOf(limits: string, name: string): number | undefined {
  const line = limits.split("\n").find((each) => each.startsWith(name));
  const soft = line?.slice(name.length).trim().split(/\s+/)[0];
  if (soft === "unlimited") return Infinity;
  return soft === undefined || !/^\d+$/.test(soft) ? undefined : Number(soft);
}

async function polarsError(): Promise<string | undefined> {
  try {
    const { default: polars } = await import("nodejs-polars");
    const sum = polars.DataFrame({ x: [1, 2] }).getColumn("x").sum();
    return sum === 3 ? undefined : `the sum of 1 and 2 is ${sum}`;
  } catch (error) {
    return `does not load: ${errorMessage(error).split("\n")[0]}`;
  }
}

function freeBytes(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

function writeError(): string | undefined {
  const path = `.${newId("doctor")}`;
  try {
    Deno.writeTextFileSync(path, "");
    Deno.removeSync(path);
  } catch (error) {
    return `cannot be written: ${errorMessage(error)}`;
  }
}

function hasSshKey(): boolean {
  const { HOME, SSH_AUTH_SOCK } = Deno.env.toObject();
  const keys = ["id_ed25519", "id_ecdsa", "id_rsa"].map((name) => `${HOME}/.ssh/${name}`);
  return SSH_AUTH_SOCK !== undefined || keys.some((path) => existsSync(path));
}

function awsCredentials(): string | undefined {
  const { HOME, AWS_ACCESS_KEY_ID, AWS_PROFILE, AWS_SHARED_CREDENTIALS_FILE } = Deno.env.toObject();
  if (AWS_ACCESS_KEY_ID !== undefined) return "AWS_ACCESS_KEY_ID";
  if (AWS_PROFILE !== undefined) return "the profile of AWS_PROFILE";
  const file = AWS_SHARED_CREDENTIALS_FILE ?? `${HOME}/.aws/credentials`;
  return existsSync(file) ? file : undefined;
}

function newestFileMs(): number {
  const lock = new URL("../../../deno.json", import.meta.url);
  return Deno.statSync(lock).mtime?.getTime() ?? 0;
}

async function portState(port: number): Promise<"free" | "head" | "other"> {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return "free";
  } catch {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal }).catch(() => {});
    const said = await response?.json().catch(() => undefined);
    return typeof said?.protocol === "number" ? "head" : "other";
  }
}
