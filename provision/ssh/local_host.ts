import { dirname } from "@std/path";
import { errorMessage } from "../../src/base/errors.ts";
import { type ExecOptions, type ExecResult, type Host, HostError } from "./host.ts";
import { LineSplitter, Tail } from "./output.ts";

const DEFAULT_TIMEOUT_MS = 60_000;

/** This machine as a {@linkcode Host}: for the provider `local`. */
export class LocalHost implements Host {
  readonly name: string;
  readonly closed: Promise<string>;
  readonly #close: (reason: string) => void;

  /** @param name how messages call it */
  constructor(name: string) {
    this.name = name;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.closed = promise;
    this.#close = resolve;
  }

  async exec(
    command: string,
    { signal, timeoutMs = DEFAULT_TIMEOUT_MS, stdin = "", onLine = () => {} }: ExecOptions = {},
  ): Promise<ExecResult> {
    const patience = AbortSignal.timeout(timeoutMs);
    const process = new Deno.Command("sh", {
      args: ["-c", command],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      signal: signal === undefined ? patience : AbortSignal.any([signal, patience]),
    }).spawn();
    const writer = process.stdin.getWriter();
    const bytes = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
    // A command need not read.
    const fed = writer.write(bytes).then(() => writer.close()).catch(() => {});
    const [stdout, stderr, { code, signal: endedBy }] = await Promise.all([
      collect(process.stdout, onLine),
      collect(process.stderr, onLine),
      process.status,
      fed,
    ]);
    signal?.throwIfAborted();
    if (patience.aborted) {
      const reason = `not done after ${timeoutMs / 1000} s`;
      throw new HostError("slow", `Cannot wait for \`${command}\` on ${this.name}: ${reason}`);
    }
    const ended = endedBy ?? undefined;
    return { code: ended === undefined ? code : undefined, signal: ended, stdout, stderr };
  }

  async upload(data: Uint8Array, path: string, { mode }: { readonly mode: number }): Promise<void> {
    try {
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeFile(`${path}.part`, data, { mode });
      await Deno.rename(`${path}.part`, path);
    } catch (cause) {
      const reason = `Cannot write ${path} on ${this.name}: ${errorMessage(cause)}`;
      throw new HostError("failed", reason, { cause });
    }
  }

  forwardIn(_remotePort: number, localPort: number): Promise<number> {
    return Promise.resolve(localPort);
  }

  forwardOut(remotePort: number): Promise<number> {
    return Promise.resolve(remotePort);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#close("it was closed here");
    return Promise.resolve();
  }
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<string> {
  const tail = new Tail();
  const lines = new LineSplitter(onLine);
  for await (const chunk of stream) {
    tail.push(chunk);
    lines.push(chunk);
  }
  lines.end();
  return tail.text();
}
