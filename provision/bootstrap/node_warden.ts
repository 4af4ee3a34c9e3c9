/** What runs on every node beside its daemon: starts it, starts it again, and ends the machine when nobody is there any
 * more. It is sent as this one file and imports nothing: `deno run -A node_warden.ts NODE_JSON`. It needs no
 * credentials: a machine ends itself by its own shutdown. */

/** What a node is told: `node.json`. */
export interface NodeOrders {
  /** Answers on `/healthz` while the head lives; reached through a tunnel or directly. */
  readonly headUrl: string;
  /** Program and arguments of the daemon, its working directory, and its variables. */
  readonly daemon: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Told by a POST when the machine is about to be taken back, until it agrees; null: nobody. No process is started for
   * it: on a busy machine that alone can take seconds of the two minutes. */
  readonly noticeUrl: string | null;
  /** Holds the token for that. */
  readonly tokenFile: string;
  /** Run at the beginning, for instance to call off a shutdown; empty: nothing. */
  readonly onBegin: readonly string[];
  /** Run at the end, for instance a shutdown. */
  readonly onEnd: readonly string[];
  /** In milliseconds since the epoch: then the node ends, whoever is there. */
  readonly expiresAtMs: number;
  /** A node that does not hear of the head for so long ends. */
  readonly leaseMs: number;
  /** Where the machine's metadata are, for the notice that it is taken back; null: nowhere. */
  readonly metadataUrl: string | null;
  /** Where logs, the lease and the mark of the end are. */
  readonly dir: string;
  /** How often everything is looked at. */
  readonly lookMs: number;
}

/** Why a node must end now; undefined: it need not. */
export function reasonToEnd(
  { expiresAtMs, leaseMs }: Pick<NodeOrders, "expiresAtMs" | "leaseMs">,
  { nowMs, contactAtMs }: { readonly nowMs: number; readonly contactAtMs: number },
): string | undefined {
  if (nowMs >= expiresAtMs) return "its time to live is over";
  return nowMs - contactAtMs >= leaseMs
    ? `nothing was heard of the head for ${Math.round((nowMs - contactAtMs) / 1000)} s`
    : undefined;
}

const MAX_LOG_BYTES = 32 * 2 ** 20;
const STOP_GRACE_MS = 10_000;
const RESTART_PAUSE_MS = 2_000;
/** A daemon that ended well was let go by the head, which ends the machine next: another one would only be in the way. */
const LET_GO_PAUSE_MS = 60_000;
const CALL_TIMEOUT_MS = 4_000;

class Warden {
  readonly #orders: NodeOrders;
  readonly #path: string;
  #daemon: Deno.ChildProcess | undefined;
  #ending: string | undefined;
  readonly #told = Promise.withResolvers<void>();
  #isNoticed = false;
  /** When the head was last heard of, as far as this process knows: a full disk does not take it. */
  #heardAtMs = -Infinity;
  #hasNoContactFile = false;

  constructor(path: string) {
    this.#path = path;
    this.#orders = JSON.parse(Deno.readTextFileSync(path));
  }

  async run(): Promise<void> {
    const { dir, lookMs } = this.#orders;
    Deno.addSignalListener("SIGTERM", () => {
      this.#ending ??= "it was told to";
      this.#told.resolve();
    });
    this.#log(`warden ${Deno.pid} keeps ${this.#path}`);
    await this.#runCommand(this.#orders.onBegin);
    const daemonEnds = this.#keepDaemon();
    while (this.#ending === undefined) {
      await this.#look();
      await this.#pause(lookMs);
    }
    this.#log(`ends: ${this.#ending}`);
    await this.#stopDaemon();
    await daemonEnds;
    unlessFull(() => Deno.writeTextFileSync(`${dir}/ended`, `${this.#ending}\n`));
    await this.#runCommand(this.#orders.onEnd);
  }

  async #look(): Promise<void> {
    const { headUrl, dir } = this.#orders;
    // Whoever removes the file grants one lease, not an endless one.
    const isGranted = contactIn(dir) === undefined && !this.#hasNoContactFile;
    if (await answers(`${headUrl}/healthz`) || isGranted) {
      this.#heardAtMs = Date.now();
      unlessFull(() => writeContact(dir, this.#heardAtMs));
    }
    const written = contactIn(dir);
    this.#hasNoContactFile = written === undefined;
    const contactAtMs = Math.max(written ?? -Infinity, this.#heardAtMs);
    this.#ending ??= reasonToEnd(this.#orders, { nowMs: Date.now(), contactAtMs });
    if (!this.#isNoticed && await this.#isTakenBack()) this.#isNoticed = await this.#tellNotice();
  }

  /** @returns false while it has to be told again */
  async #tellNotice(): Promise<boolean> {
    const { noticeUrl, tokenFile } = this.#orders;
    if (noticeUrl === null) return true;
    try {
      const authorization = `Bearer ${Deno.readTextFileSync(tokenFile).trim()}`;
      const response = await call(noticeUrl, "POST", { authorization });
      await response.body?.cancel();
      this.#log(`the machine is about to be taken back: the head said ${response.status}`);
      return response.ok;
    } catch (error) {
      this.#log(`the machine is about to be taken back: ${error}`);
      return false;
    }
  }

  /** The notice of EC2 by its metadata service, version 2: a session's token first. */
  async #isTakenBack(): Promise<boolean> {
    const { metadataUrl } = this.#orders;
    if (metadataUrl === null) return false;
    try {
      const token = await call(`${metadataUrl}/latest/api/token`, "PUT", {
        "x-aws-ec2-metadata-token-ttl-seconds": "60",
      });
      const headers = { "x-aws-ec2-metadata-token": await token.text() };
      const url = `${metadataUrl}/latest/meta-data/spot/instance-action`;
      const notice = await call(url, "GET", headers);
      await notice.body?.cancel();
      return notice.ok;
    } catch {
      return false;
    }
  }

  async #keepDaemon(): Promise<void> {
    const { daemon: [program, ...args], cwd, env, dir } = this.#orders;
    while (this.#ending === undefined) {
      cutLog(`${dir}/daemon.log`);
      using log = Deno.openSync(`${dir}/daemon.log`, { append: true, create: true, mode: 0o600 });
      const options = { args, cwd, env, stdin: "null", stdout: "piped", stderr: "piped" } as const;
      this.#daemon = new Deno.Command(program, options).spawn();
      const copy = async (stream: ReadableStream<Uint8Array>) => {
        for await (const chunk of stream) unlessFull(() => log.writeSync(chunk));
      };
      await Promise.all([copy(this.#daemon.stdout), copy(this.#daemon.stderr)]);
      const { code, signal } = await this.#daemon.status;
      this.#daemon = undefined;
      this.#log(`the daemon ended: ${signal ?? `exit code ${code}`}`);
      const pauseMs = code === 0 ? LET_GO_PAUSE_MS : RESTART_PAUSE_MS;
      if (this.#ending === undefined) await this.#pause(pauseMs);
    }
  }

  /** Waits, at most until it is told to end. */
  async #pause(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([
      new Promise((resolve) => timer = setTimeout(resolve, ms)),
      this.#told.promise,
    ]);
    clearTimeout(timer);
  }

  async #stopDaemon(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === undefined) return;
    daemon.kill("SIGTERM");
    const timer = setTimeout(() => daemon.kill("SIGKILL"), STOP_GRACE_MS);
    await daemon.status;
    clearTimeout(timer);
  }

  async #runCommand([program, ...args]: readonly string[]): Promise<void> {
    if (program === undefined) return;
    try {
      const { code } = await new Deno.Command(program, { args, stdin: "null" }).output();
      this.#log(`${program} ${args.join(" ")}: exit code ${code}`);
    } catch (error) {
      this.#log(`${program}: ${error}`);
    }
  }

  #log(message: string): void {
    const line = `${new Date().toISOString()} ${message}\n`;
    cutLog(`${this.#orders.dir}/warden.log`);
    unlessFull(() =>
      Deno.writeTextFileSync(`${this.#orders.dir}/warden.log`, line, { append: true })
    );
  }
}

/** When the head was last heard of: on the disk, so that a warden that is started again grants no new lease. */
function contactIn(dir: string): number | undefined {
  try {
    return Number(Deno.readTextFileSync(`${dir}/contact`)) || undefined;
  } catch {
    return undefined;
  }
}

function writeContact(dir: string, atMs: number): void {
  Deno.writeTextFileSync(`${dir}/contact.part`, String(atMs));
  Deno.renameSync(`${dir}/contact.part`, `${dir}/contact`);
}

/** Writes what may be lost: a disk that is full costs lines of a log, and ends neither the warden nor its node. */
function unlessFull(write: () => void): void {
  try {
    write();
  } catch (error) {
    if ((error as { readonly code?: string }).code !== "ENOSPC") throw error;
  }
}

function cutLog(path: string): void {
  try {
    if (Deno.statSync(path).size > MAX_LOG_BYTES) Deno.renameSync(path, `${path}.1`);
  } catch {
    // There is none yet.
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await call(url, "GET", {});
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function call(url: string, method: string, headers: Record<string, string>): Promise<Response> {
  return fetch(url, { method, headers, signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
}

if (import.meta.main) {
  await new Warden(Deno.args[0]).run();
  Deno.exit(0);
}
