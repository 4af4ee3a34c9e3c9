import { UserError } from "../../src/base/errors.ts";
import { sha256Hex } from "../../src/base/hash.ts";
import { execOk, type Host, HostError, shellQuote } from "../ssh/host.ts";
import type { NodePlace, NodeProgram, Packing } from "./node_program.ts";
import { prepareCode } from "./prepare_code.ts";
import { noteSessionCommand } from "../ssh/noted_session.ts";
import type { NodeOrders } from "./node_warden.ts";

/** What one machine is to become. */
export interface BootstrapOptions {
  readonly nodeId: string;
  readonly program: NodeProgram;
  /** The head, as the node reaches it. */
  readonly headUrl: string;
  /** The folder on the machine in which everything is: absolute, of this cluster alone. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Shell commands, as root. */
  readonly setup: readonly string[];
  readonly expiresAtMs: number;
  readonly leaseMs: number;
  /** Run on the machine when its warden begins. */
  readonly onBegin: readonly string[];
  /** Run on the machine when it ends itself. */
  readonly onEnd: readonly string[];
  readonly metadataUrl: string | null;
  /** How often the warden looks. Default 1 s. */
  readonly lookMs?: number;
  /** Told what is being done. */
  readonly note: (message: string) => void;
  readonly signal: AbortSignal;
}

const SETUP_TIMEOUT_MS = 600_000;
const NEEDED_DISK_KIB = 400 * 1024;
const DEFAULT_LOOK_MS = 1_000;

/** Turns a machine into a node: Deno, code, what prepares them, orders, and the warden that runs the daemon. Each step
 * looks first and does what is missing, so that it may be broken off anywhere and begun again; a node on which all is
 * right is left as it is.
 * @throws {HostError} naming the machine and the step */
export async function bootstrap(host: Host, options: BootstrapOptions): Promise<void> {
  const { dir, program, note, signal, nodeId, headUrl } = options;
  const facts = await probe(host, dir, signal);
  refuseUnfit(host, facts);
  const codeDir = `${dir}/code/${program.archive.hash}`;
  const tokenFile = `${dir}/token`;
  const place: NodePlace = { nodeId, headUrl, deno: `${dir}/bin/deno`, codeDir, dir, tokenFile };
  if (facts.deno !== program.denoVersion) await sendDeno(host, place, facts, options);
  if (!await exists(host, `${codeDir}/.complete`, signal)) await sendCode(host, place, options);
  await runSetup(host, facts, options);
  await upload(host, tokenFile, program.token, 0o600, signal);
  const orders = ordersFor(place, options);
  const wardenText = await Deno.readTextFile(new URL("./node_warden.ts", import.meta.url));
  // Contact by SSH is contact: the lease begins anew.
  await execOk(host, "renew the lease", `rm -f ${shellQuote(`${dir}/contact`)}`, { signal });
  if (await startWarden(host, facts, place, orders, wardenText, signal)) {
    return note("its daemon was started");
  }
  const last = await host.exec(`tail -n 1 ${shellQuote(`${dir}/daemon.log`)}`, { signal });
  const said = last.stdout.trim();
  note(`its daemon was started, and is not registered yet${said === "" ? "" : `: ${said}`}`);
}

interface Facts {
  readonly system: string;
  readonly architecture: string;
  readonly isRoot: boolean;
  readonly hasSystemd: boolean;
  readonly hasSudo: boolean;
  readonly freeKib: number;
  /** What it can unpack fastest. */
  readonly packing: Packing;
  /** The version of the Deno that is there; empty: none. */
  readonly deno: string;
}

async function probe(host: Host, dir: string, signal: AbortSignal): Promise<Facts> {
  const at = shellQuote(dir);
  const lines = await execOk(
    host,
    "look around",
    `set -e; umask 077; mkdir -p ${at}/bin ${at}/code; ${
      noteSessionCommand(dir)
    }; cd ${at}; uname -s; uname -m; id -u; ` +
      `if [ -d /run/systemd/system ] && [ "$(id -u)" = 0 ]; then echo yes; else echo no; fi; ` +
      `if sudo -n true 2>/dev/null; then echo yes; else echo no; fi; ` +
      `df -Pk . | awk 'NR == 2 { print $4 }'; ` +
      `if command -v zstd >/dev/null; then echo zstd; else echo gzip; fi; ` +
      `./bin/deno --version 2>/dev/null | awk 'NR == 1 { print $2 }'`,
    { signal },
  );
  const [system, architecture, uid, systemd, sudo, free, packing, deno = ""] = lines.split("\n");
  return {
    system,
    architecture,
    isRoot: uid === "0",
    hasSystemd: systemd === "yes",
    hasSudo: sudo === "yes",
    freeKib: Number(free),
    packing: packing === "zstd" ? "zstd" : "gzip",
    deno,
  };
}

function refuseUnfit({ name }: Host, { system, freeKib, deno }: Facts): void {
  if (system !== "Linux") {
    throw new UserError(
      "node/unfit-machine",
      `Cannot use ${name} as a node: it runs ${system}, and nodes run Linux`,
    );
  }
  if (deno === "" && freeKib < NEEDED_DISK_KIB) {
    throw new HostError(
      "disk_full",
      `Cannot use ${name} as a node: ${Math.round(freeKib / 1024)} MiB are free, ${
        NEEDED_DISK_KIB / 1024
      } MiB are needed`,
    );
  }
}

async function sendDeno(
  host: Host,
  { deno }: NodePlace,
  { architecture, packing }: Facts,
  { program, note, signal }: BootstrapOptions,
): Promise<void> {
  const packed = await program.denoBinary(architecture, packing);
  note(`sends Deno ${program.denoVersion}, ${megabytes(packed.length)}`);
  await host.upload(packed, `${deno}.packed`, { mode: 0o600, signal });
  const [at, version] = [shellQuote(deno), shellQuote(`deno ${program.denoVersion} `)];
  await execOk(
    host,
    "unpack Deno",
    `set -e; ${packing} -dc < ${at}.packed > ${at}.part; chmod 755 ${at}.part; ` +
      `case "$(${at}.part --version)" in ${version}*) ;; *) echo "it is not ${program.denoVersion}" >&2; exit 1;; esac; ` +
      `mv ${at}.part ${at}; rm ${at}.packed`,
    { signal },
  );
}

async function sendCode(
  host: Host,
  place: NodePlace,
  options: BootstrapOptions,
): Promise<void> {
  const { program, note, signal } = options;
  const { codeDir } = place;
  const { bytes, hash } = program.archive;
  note(`sends its code, ${megabytes(bytes.length)}`);
  await host.upload(bytes, `${codeDir}.tar`, { mode: 0o600, signal });
  const at = shellQuote(codeDir);
  await execOk(
    host,
    "unpack the code",
    `set -e; echo "${hash}  "${at}.tar | sha256sum -c - >/dev/null; rm -rf ${at} ${at}.part; ` +
      `mkdir ${at}.part; tar -xf ${at}.tar -C ${at}.part; mv ${at}.part ${at}; rm ${at}.tar`,
    { signal },
  );
  await prepareCode(host, place, options);
  await execOk(host, "mark the code", `touch ${at}/.complete`, { signal });
}

async function runSetup(
  host: Host,
  { isRoot, hasSudo }: Facts,
  { dir, setup, note, signal }: BootstrapOptions,
): Promise<void> {
  if (setup.length === 0) return;
  const mark = `${dir}/setup-${sha256Hex(JSON.stringify(setup)).slice(0, 16)}`;
  if (await exists(host, mark, signal)) return;
  const become = isRoot || !hasSudo ? "" : "sudo -n ";
  for (const command of setup) {
    note(`runs ${command}`);
    await execOk(host, `run \`${command}\``, `${become}sh -c ${shellQuote(command)}`, {
      signal,
      timeoutMs: SETUP_TIMEOUT_MS,
      onLine: note,
    });
  }
  await execOk(host, "mark the setup", `touch ${shellQuote(mark)}`, { signal });
}

function ordersFor(place: NodePlace, options: BootstrapOptions): NodeOrders {
  const { program, env, onBegin, onEnd, expiresAtMs, leaseMs, metadataUrl, lookMs } = options;
  return {
    headUrl: place.headUrl,
    daemon: program.daemon(place),
    cwd: place.codeDir,
    env,
    noticeUrl: program.noticeUrl(place),
    tokenFile: place.tokenFile,
    onBegin,
    onEnd,
    expiresAtMs,
    leaseMs,
    metadataUrl,
    dir: place.dir,
    lookMs: lookMs ?? DEFAULT_LOOK_MS,
  };
}

/** Starts the warden, by systemd where it is there.
 * @returns false for one that runs with the same orders: it is left alone */
async function startWarden(
  host: Host,
  { hasSystemd }: Facts,
  { dir, deno }: NodePlace,
  orders: NodeOrders,
  wardenText: string,
  signal: AbortSignal,
): Promise<boolean> {
  const ordersText = JSON.stringify(orders);
  const version = sha256Hex(`${ordersText}\n${wardenText}`).slice(0, 16);
  const unit = unitNameOf(dir);
  const [at, mark] = [shellQuote(dir), shellQuote(`${dir}/warden-version`)];
  const isAlive = hasSystemd
    ? `systemctl is-active --quiet ${unit}`
    : `kill -0 -"$(cat ${at}/warden.pid)"`;
  const { code } = await host.exec(
    `[ "$(cat ${mark} 2>/dev/null)" = ${version} ] && ${isAlive} 2>/dev/null`,
    { signal },
  );
  if (code === 0) return false;
  await execOk(host, "stop the old daemon", stopWardenCommand(dir), { signal });
  await upload(host, `${dir}/node.json`, ordersText, 0o600, signal);
  await upload(host, `${dir}/node_warden.ts`, wardenText, 0o600, signal);
  const run = `${shellQuote(deno)} run --quiet --no-config --no-lock -A ${
    shellQuote(`${dir}/node_warden.ts`)
  } ${shellQuote(`${dir}/node.json`)}`;
  if (hasSystemd) {
    await upload(host, `/etc/systemd/system/${unit}`, unitText(dir, run), 0o644, signal);
    await execOk(
      host,
      "start the daemon",
      `systemctl daemon-reload && systemctl enable --quiet --now ${unit}`,
      { signal },
    );
  } else {
    const loop =
      `while [ -e node.json ] && [ ! -e ended ]; do ${run}; sleep 1; done; rm -f warden.pid`;
    // A session of its own: it outlives ours, and is ended as a group, by its id, which is waited for.
    await execOk(
      host,
      "start the daemon",
      `cd ${at} && rm -f ended && { setsid sh -c ${
        shellQuote(`echo $$ > warden.pid; ${loop}`)
      } </dev/null >>warden.out 2>&1 & } && while [ ! -s warden.pid ]; do sleep 0.05; done`,
      { signal },
    );
  }
  await upload(host, `${dir}/warden-version`, version, 0o600, signal);
  return true;
}

/** The command that ends a node's warden and with it the daemon, and returns when they have ended; for a node that has
 * none it does nothing. */
export function stopWardenCommand(dir: string): string {
  const [at, unit] = [shellQuote(dir), unitNameOf(dir)];
  return `if [ -e /etc/systemd/system/${unit} ]; then systemctl disable --quiet --now ${unit}; ` +
    `rm -f /etc/systemd/system/${unit}; fi; ` +
    `if [ -e ${at}/warden.pid ]; then touch ${at}/ended; group="$(cat ${at}/warden.pid)"; ` +
    `kill -TERM -"$group" 2>/dev/null; tries=0; ` +
    `while kill -0 -"$group" 2>/dev/null && [ $tries -lt 150 ]; do sleep 0.1; tries=$((tries + 1)); done; ` +
    `kill -KILL -"$group" 2>/dev/null; rm -f ${at}/warden.pid; fi; rm -f ${at}/ended ${at}/warden-version ${at}/node.json`;
}

/** Of a folder's warden: folders of different clusters have different ones. */
function unitNameOf(dir: string): string {
  return `tradewind-${sha256Hex(dir).slice(0, 12)}.service`;
}

function unitText(dir: string, run: string): string {
  return `[Unit]
Description=Tradewind node in ${dir}
After=network-online.target

[Service]
ExecStart=/bin/sh -c ${JSON.stringify(`[ -e ${dir}/ended ] || exec ${run}`)}
Restart=always
RestartSec=1
TimeoutStopSec=30

[Install]
WantedBy=multi-user.target
`;
}

async function exists(host: Host, path: string, signal: AbortSignal): Promise<boolean> {
  return (await host.exec(`[ -e ${shellQuote(path)} ]`, { signal })).code === 0;
}

async function upload(
  host: Host,
  path: string,
  text: string,
  mode: number,
  signal: AbortSignal,
): Promise<void> {
  await host.upload(new TextEncoder().encode(text), path, { mode, signal });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
