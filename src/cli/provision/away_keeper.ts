import { writeFileAtomic } from "../../base/atomic_file.ts";
import { readTextIfThere } from "../../base/if_there.ts";
import { execOk, type Host, shellQuote } from "../../../provision/ssh/host.ts";
import type { ConnectTarget } from "../../../provision/providers/provider.ts";

/** A keeper that runs on a node of its cluster, as the folder here knows it. */
export interface AwayKeeper {
  /** The machine of its node. */
  readonly target: ConnectTarget;
  /** The cluster's folder there. */
  readonly dir: string;
  /** Program and arguments that run it there. */
  readonly command: readonly string[];
}

/** Files of the folder there: as long as the first is there, a keeper that ends is started again. */
const FILES = { run: "run", pid: "keeper.pid", log: "keeper.log" } as const;

/** The keeper that is away; undefined: it runs here, or not at all. */
export function awayKeeper({ dir }: { readonly dir: string }): AwayKeeper | undefined {
  const text = readTextIfThere(awayFileOf(dir));
  return text === undefined ? undefined : JSON.parse(text) as AwayKeeper;
}

/** Notes that the keeper is away. */
export async function noteAway(folder: { readonly dir: string }, away: AwayKeeper): Promise<void> {
  await writeFileAtomic(awayFileOf(folder.dir), JSON.stringify(away));
}

/** Notes that the keeper is at home again. */
export async function noteHome({ dir }: { readonly dir: string }): Promise<void> {
  await Deno.remove(awayFileOf(dir));
}

/** Starts the keeper on its node, unless it runs.
 * @returns false when its folder is gone: its cluster has ended */
export async function startAway(host: Host, { dir, command }: AwayKeeper): Promise<boolean> {
  const at = shellQuote(dir);
  const words = command.map(shellQuote).join(" ");
  const loop = `echo $$ > ${FILES.pid}; while [ -e ${FILES.run} ]; do ${words}; sleep 1; done`;
  const answer = await execOk(
    host,
    "start the keeper",
    `if [ ! -d ${at} ]; then echo gone; exit 0; fi; cd ${at}; ` +
      `if [ -e ${FILES.pid} ] && kill -0 -"$(cat ${FILES.pid})" 2>/dev/null; then exit 0; fi; ` +
      // A session of its own outlives ours, and is ended as a group.
      `rm -f ${FILES.pid}; touch ${FILES.run}; { setsid sh -c ${shellQuote(loop)} </dev/null ` +
      `>>${FILES.log} 2>&1 & }; while [ ! -s ${FILES.pid} ]; do sleep 0.05; done`,
  );
  return answer.trim() !== "gone";
}

/** Ends the keeper on its node, and waits for that; its nodes go on. */
export async function stopAway(host: Host, { dir }: AwayKeeper): Promise<void> {
  const at = shellQuote(dir);
  await execOk(
    host,
    "end the keeper",
    `[ -d ${at} ] || exit 0; cd ${at}; rm -f ${FILES.run}; [ -e ${FILES.pid} ] || exit 0; ` +
      `group="$(cat ${FILES.pid})"; kill -TERM -"$group" 2>/dev/null; tries=0; ` +
      `while kill -0 -"$group" 2>/dev/null && [ $tries -lt 150 ]; do sleep 0.1; tries=$((tries + 1)); done; ` +
      `kill -KILL -"$group" 2>/dev/null; rm -f ${FILES.pid}`,
  );
}

/** What a file there has from a byte on; undefined when it is not there. */
export async function readAway(
  host: Host,
  { dir }: AwayKeeper,
  name: string,
  fromByte: number,
): Promise<Uint8Array | undefined> {
  const path = shellQuote(`${dir}/${name}`);
  const lines: string[] = [];
  const result = await host.exec(
    `[ -e ${path} ] || exit 3; tail -c +${fromByte + 1} ${path} | base64 -w 8192`,
    { onLine: (line) => lines.push(line) },
  );
  return result.code === 3 ? undefined : Uint8Array.fromBase64(lines.join(""));
}

function awayFileOf(dir: string): string {
  return `${dir}/away.json`;
}
