import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { S3StandIn } from "./stand_in.ts";

/** A store for tests, with one empty bucket. */
export interface S3Server {
  readonly name: string;
  readonly endpoint: string;
  readonly bucket: string;
  /** What a process needs to find it as the standard chain looks for it. */
  readonly env: Readonly<Record<string, string>>;
}

/** A kind of server, and whether this machine has it. */
export interface S3ServerKind {
  readonly name: string;
  /** Why tests with it are skipped; undefined when it is there. */
  readonly missing: string | undefined;
  /** Starts one, and stops it after use. */
  use(test: (server: S3Server) => Promise<void>): Promise<void>;
}

/** What a process is told before it may be waited for no longer. */
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
const ACCESS_KEY = "tradewind";
const SECRET_KEY = "tradewind-secret";

/** Our own, within the test's process. */
const STAND_IN: S3ServerKind = {
  name: "stand-in",
  missing: undefined,
  use: async (test) => {
    await using server = new S3StandIn();
    await test(serverOf("stand-in", server.endpoint, server.bucket));
  },
};

/** Versity's gateway over a folder: a Go program. */
export const VERSITYGW: S3ServerKind = {
  name: "versitygw",
  missing: missingProgram("versitygw"),
  use: (test) =>
    withProcess("versitygw", (port, folder) => {
      Deno.mkdirSync(`${folder}/objects`);
      Deno.mkdirSync(`${folder}/versions`);
      const args = ["--port", `127.0.0.1:${port}`, "--quiet", "posix"];
      return [...args, "--versioning-dir", `${folder}/versions`, `${folder}/objects`];
    }, test),
};

/** Moto's server: a Python program that keeps everything in memory. */
export const MOTO: S3ServerKind = {
  name: "moto",
  missing: missingProgram("moto_server"),
  use: (test) => withProcess("moto_server", (port) => ["-H", "127.0.0.1", "-p", `${port}`], test),
};

/** Those that are not ours. */
export const REAL_S3_SERVERS: readonly S3ServerKind[] = [VERSITYGW, MOTO];

/** All of them. */
export const S3_SERVERS: readonly S3ServerKind[] = [STAND_IN, ...REAL_S3_SERVERS];

/** Registers a test that is run against each of the servers; skipped, with the reason in its name, where one is not
 * installed. */
export function testWithS3(
  name: string,
  test: (server: S3Server) => Promise<void>,
  kinds: readonly S3ServerKind[] = S3_SERVERS,
): void {
  for (const kind of kinds) {
    const reason = kind.missing === undefined ? "" : ` (skipped: ${kind.missing})`;
    Deno.test({
      name: `${name} [${kind.name}]${reason}`,
      ignore: kind.missing !== undefined,
      fn: () => kind.use(test),
    });
  }
}

/** Runs `use` with a client of a server. */
export async function withClient<T>(
  { endpoint }: S3Server,
  use: (client: S3Client) => Promise<T>,
): Promise<T> {
  const client = new S3Client({
    endpoint,
    forcePathStyle: true,
    region: "us-east-1",
    responseChecksumValidation: "WHEN_REQUIRED",
    credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
  });
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}

/** What tests are told of a server. */
export function serverOf(name: string, endpoint: string, bucket: string): S3Server {
  const env = {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: ACCESS_KEY,
    AWS_SECRET_ACCESS_KEY: SECRET_KEY,
  };
  return { name, endpoint, bucket, env };
}

async function withProcess(
  program: string,
  argsOf: (port: number, folder: string) => string[],
  test: (server: S3Server) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tradewind-s3-" });
  const port = freePort();
  const process = new Deno.Command(program, {
    args: argsOf(port, folder),
    env: { ROOT_ACCESS_KEY: ACCESS_KEY, ROOT_SECRET_KEY: SECRET_KEY },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const server = serverOf(program, `http://127.0.0.1:${port}`, "lake");
    await untilListening(port, process);
    await withClient(server, (client) =>
      client.send(
        new CreateBucketCommand({ Bucket: server.bucket, ObjectLockEnabledForBucket: true }),
      ));
    await test(server);
  } finally {
    process.kill("SIGKILL");
    await process.status;
    await Deno.remove(folder, { recursive: true });
  }
}

async function untilListening(port: number, process: Deno.ChildProcess): Promise<void> {
  let ended = false;
  process.status.then(() => ended = true);
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline;) {
    if (ended) throw new Error("The S3 server ended before it listened");
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  throw new Error(`The S3 server did not listen within ${START_TIMEOUT_MS} ms`);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function missingProgram(name: string): string | undefined {
  try {
    new Deno.Command(name, { args: ["--help"], stdout: "null", stderr: "null" }).outputSync();
    return undefined;
  } catch {
    return `there is no ${name}`;
  }
}
