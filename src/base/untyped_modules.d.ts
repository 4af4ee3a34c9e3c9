// The npm build of deno-std, ws and ssh2 carry no types: what we use of them is declared here, and only
// here; deno-std under the names that JSR gives its modules.

declare module "@std/async/delay" {
  export function delay(
    ms: number,
    options?: { signal?: AbortSignal; persistent?: boolean },
  ): Promise<void>;
}

declare module "@std/async/deadline" {
  export function deadline<T>(
    p: Promise<T>,
    ms: number,
    options?: { signal?: AbortSignal },
  ): Promise<T>;
}

declare module "@std/async/pool" {
  export function pooledMap<T, R>(
    poolLimit: number,
    array: Iterable<T> | AsyncIterable<T>,
    iteratorFn: (data: T) => Promise<R>,
  ): AsyncIterableIterator<R>;
}

declare module "@std/cli/parse-args" {
  export interface ParseOptions {
    boolean?: readonly string[];
    string?: readonly string[];
    collect?: readonly string[];
    negatable?: readonly string[];
    alias?: Record<string, string | readonly string[]>;
    default?: Record<string, unknown>;
    stopEarly?: boolean;
    "--"?: boolean;
    unknown?: (arg: string, key?: string, value?: unknown) => unknown;
  }
  export function parseArgs(
    args: readonly string[],
    options?: ParseOptions,
  ): { _: (string | number)[] } & Record<string, unknown>;
}

declare module "@std/fmt/colors" {
  export function setColorEnabled(value: boolean): void;
  export function getColorEnabled(): boolean;
  export function bold(text: string): string;
  export function dim(text: string): string;
  export function red(text: string): string;
  export function green(text: string): string;
  export function yellow(text: string): string;
  export function blue(text: string): string;
  export function cyan(text: string): string;
  export function gray(text: string): string;
}

declare module "@std/jsonc" {
  export type JsonValue =
    | { [key: string]: JsonValue | undefined }
    | JsonValue[]
    | string
    | number
    | boolean
    | null;
  export function parse(text: string): JsonValue;
}

declare module "@std/path" {
  export function basename(path: string, suffix?: string): string;
  export function dirname(path: string): string;
  export function extname(path: string): string;
  export function fromFileUrl(url: URL | string): string;
  export function isAbsolute(path: string): boolean;
  export function join(...paths: string[]): string;
  export function relative(from: string, to: string): string;
  export function resolve(...paths: string[]): string;
  export function toFileUrl(path: string): URL;
}

declare module "@std/text/closest-string" {
  export function closestString(
    given: string,
    options: readonly string[],
    opts?: { caseSensitive?: boolean; compareFn?: (a: string, b: string) => number },
  ): string;
}

declare module "@std/ulid" {
  export function ulid(seedTime?: number): string;
  export function monotonicUlid(seedTime?: number): string;
}

declare module "@std/assert" {
  export function assert(expr: unknown, msg?: string): asserts expr;
  export function assertEquals<T>(actual: T, expected: T, msg?: string): void;
  export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void;
  export function assertStrictEquals<T>(
    actual: unknown,
    expected: T,
    msg?: string,
  ): asserts actual is T;
  export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T>;
  export function assertAlmostEquals(
    actual: number,
    expected: number,
    tolerance?: number,
    msg?: string,
  ): void;
  export function assertGreater<T>(actual: T, expected: T, msg?: string): void;
  export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void;
  export function assertLess<T>(actual: T, expected: T, msg?: string): void;
  export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void;
  export function assertMatch(actual: string, expected: RegExp, msg?: string): void;
  export function assertStringIncludes(actual: string, expected: string, msg?: string): void;
  export function assertThrows<E extends Error = Error>(
    fn: () => unknown,
    // deno-lint-ignore no-explicit-any -- a constructor's parameters are contravariant
    errorClass?: abstract new (...args: any[]) => E,
    msgIncludes?: string,
    msg?: string,
  ): E;
  export function assertRejects<E extends Error = Error>(
    fn: () => PromiseLike<unknown>,
    // deno-lint-ignore no-explicit-any -- a constructor's parameters are contravariant
    errorClass?: abstract new (...args: any[]) => E,
    msgIncludes?: string,
    msg?: string,
  ): Promise<E>;
  export function fail(msg?: string): never;
}

declare module "ws" {
  /** The part of the `ws` client that we use. */
  export default class WebSocketClient {
    static readonly OPEN: 1;
    static readonly CLOSED: 3;
    readonly readyState: number;
    readonly bufferedAmount: number;
    constructor(
      url: string,
      options: {
        headers: Record<string, string>;
        perMessageDeflate: boolean;
        maxPayload: number;
        handshakeTimeout: number;
      },
    );
    // deno-lint-ignore no-explicit-any -- each event has parameters of its own
    on(event: string, listener: (...args: any[]) => void): this;
    // deno-lint-ignore no-explicit-any -- each event has parameters of its own
    once(event: string, listener: (...args: any[]) => void): this;
    send(data: Uint8Array): void;
    ping(): void;
    close(code: number): void;
    terminate(): void;
  }
}

declare module "ssh2" {
  import type { Duplex, Readable } from "node:stream";
  /** The part of `ssh2` that we use. */
  export class Client {
    connect(config: {
      host: string;
      port: number;
      username: string;
      readyTimeout: number;
      keepaliveInterval: number;
      keepaliveCountMax: number;
      algorithms: { serverHostKey: string[] };
      hostVerifier: (key: Uint8Array) => boolean;
      /** `left` is null at first; `false` for `next` ends the login. */
      authHandler: (
        left: string[] | null,
        partialSuccess: boolean | null,
        next: (method: false | { type: "publickey"; username: string; key: string }) => void,
      ) => void;
    }): void;
    on(
      event: "tcp connection",
      listener: (
        details: { destPort: number },
        accept: () => ClientChannel,
        reject: () => void,
      ) => void,
    ): this;
    on(event: "error", listener: (error: ClientError) => void): this;
    once(event: "ready" | "close", listener: () => void): this;
    exec(
      command: string,
      done: (error: Error | undefined, channel: ClientChannel) => void,
    ): boolean;
    forwardIn(
      address: string,
      port: number,
      done: (error: Error | null | undefined, port: number) => void,
    ): void;
    forwardOut(
      fromAddress: string,
      fromPort: number,
      address: string,
      port: number,
      done: (error: Error | undefined, channel: ClientChannel) => void,
    ): void;
    setNoDelay(on: boolean): void;
    end(): void;
    destroy(): void;
  }
  /** `level` says where in the connection it happened; `code` is the system's. */
  export interface ClientError extends Error {
    level?: string;
    code?: string;
  }
  export interface ClientChannel extends Duplex {
    stderr: Readable;
  }
  export const utils: {
    generateKeyPairSync(
      type: "ed25519",
      options: { comment: string },
    ): { public: string; private: string };
  };
}
