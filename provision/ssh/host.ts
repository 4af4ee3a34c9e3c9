import type { ErrorCode } from "../../src/base/error_codes/error_codes.ts";

/** A shell on a machine, wherever it is. */
export interface Host extends AsyncDisposable {
  /** How messages call it. */
  readonly name: string;
  /** Resolves with the reason when it is closed, by us or by the machine. */
  readonly closed: Promise<string>;
  /** Runs a command in `sh`.
   * @returns how it ended and its output, of which each stream keeps its last 64 KiB
   * @throws {HostError} when the connection is lost or the deadline has passed; the command may go on */
  exec(command: string, options?: ExecOptions): Promise<ExecResult>;
  /** Writes a file, whole or not at all, with its folder.
   * @param progress told the bytes that were sent so far
   * @throws {HostError} naming the path, for instance when the disk is full */
  upload(
    data: Uint8Array,
    path: string,
    options: {
      readonly mode: number;
      readonly signal?: AbortSignal;
      readonly progress?: (sentBytes: number) => void;
    },
  ): Promise<void>;
  /** Lets the machine reach a port of ours as a port of its own loopback, while the connection lasts.
   * @returns the port there
   * @throws {HostError} when the machine does not allow it, or the port is taken */
  forwardIn(remotePort: number, localPort: number): Promise<number>;
  /** Lets us reach a port of the machine's loopback as a port of ours, while the connection lasts.
   * @returns the port here */
  forwardOut(remotePort: number): Promise<number>;
}

/** How a command is run. */
export interface ExecOptions {
  readonly signal?: AbortSignal;
  /** Default: 60 s. */
  readonly timeoutMs?: number;
  /** What the command reads. */
  readonly stdin?: Uint8Array | string;
  /** Told each line of both streams, as it comes. */
  readonly onLine?: (line: string) => void;
}

/** How a command ended. */
export interface ExecResult {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is the matter with a machine. */
export type HostErrorKind =
  | "unreachable"
  | "refused"
  | "wrong_host_key"
  | "unknown_host_key"
  | "no_login"
  | "password_only"
  | "no_shell"
  | "disk_full"
  | "slow"
  | "lost"
  | "failed";

const CODES: Readonly<Record<HostErrorKind, ErrorCode>> = {
  unreachable: "ssh/unreachable",
  refused: "ssh/refused",
  wrong_host_key: "ssh/wrong-host-key",
  unknown_host_key: "ssh/unknown-host-key",
  no_login: "ssh/no-login",
  password_only: "ssh/password-only",
  no_shell: "ssh/no-shell",
  disk_full: "ssh/disk-full",
  slow: "ssh/slow",
  lost: "ssh/lost",
  failed: "ssh/failed",
};

/** Something that went wrong on the way to a machine or on it. */
export class HostError extends Error {
  /** Tells it from other errors. */
  override readonly name = "HostError";
  /** What kind of trouble it is: a wrong key never becomes right by trying again. */
  readonly kind: HostErrorKind;
  /** What it is called in src/ERRORS.md. */
  readonly code: ErrorCode;

  /** @param message begins with the action and names the host */
  constructor(kind: HostErrorKind, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.kind = kind;
    this.code = CODES[kind];
  }

  /** Whether trying again can help. */
  get isPassing(): boolean {
    return this.kind === "unreachable" || this.kind === "refused" || this.kind === "slow" ||
      this.kind === "lost";
  }
}

/** Runs a command that must succeed.
 * @param what it does, to follow "Cannot"
 * @throws {HostError} with the end of what it wrote when its exit code is not 0 */
export async function execOk(
  host: Host,
  what: string,
  command: string,
  options?: ExecOptions,
): Promise<string> {
  return outputOf(await host.exec(command, options), what, host.name);
}

/** The standard output of a command that must have succeeded.
 * @throws {HostError} like {@linkcode execOk} */
export function outputOf(result: ExecResult, what: string, hostName: string): string {
  const { code, signal, stdout, stderr } = result;
  if (code === 0) return stdout;
  const output = (stderr.trim() || stdout.trim()).split("\n").slice(-5).join(" · ");
  const kind = /No space left on device/i.test(output) ? "disk_full" : "failed";
  const ending = signal === undefined ? `exit code ${code}` : `ended by ${signal}`;
  throw new HostError(
    kind,
    `Cannot ${what} on ${hostName}: ${ending}${output === "" ? "" : `: ${output}`}`,
  );
}

/** A text as one word of `sh`. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
