import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { type S3Server, serverOf, VERSITYGW, withClient } from "../../../lakehouse/s3/servers.ts";

const START_MS = 20_000;
const LOOK_MS = 30;

/** Why there can be none here; undefined when there can. */
export const S3_MISSING: string | undefined = VERSITYGW.missing;

/** An S3 server that is killed, paused, and comes back with all that it was told to keep. */
export class RestartableS3 implements AsyncDisposable {
  readonly server: S3Server;
  readonly #folder: string;
  readonly #port: number;
  #process: Deno.ChildProcess;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.server = serverOf("versitygw", `http://127.0.0.1:${port}`, "lake");
    this.#process = this.#spawn();
  }

  /** Starts one with an empty bucket.
   * @param folder an empty one for what it keeps */
  static async start(folder: string): Promise<RestartableS3> {
    await Deno.mkdir(`${folder}/objects`, { recursive: true });
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const store = new RestartableS3(folder, port);
    await store.#listens();
    await withClient(
      store.server,
      (client) => client.send(new CreateBucketCommand({ Bucket: store.server.bucket })),
    );
    return store;
  }

  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
  }

  /** Starts it again, at the same place. */
  async restart(): Promise<void> {
    this.#process = this.#spawn();
    await this.#listens();
  }

  pause(): void {
    this.#process.kill("SIGSTOP");
  }

  resume(): void {
    this.#process.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill().catch(() => {});
  }

  #spawn(): Deno.ChildProcess {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = this.server.env;
    return new Deno.Command("versitygw", {
      args: ["--port", `127.0.0.1:${this.#port}`, "--quiet", "posix", `${this.#folder}/objects`],
      env: { ROOT_ACCESS_KEY: AWS_ACCESS_KEY_ID, ROOT_SECRET_KEY: AWS_SECRET_ACCESS_KEY },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  async #listens(): Promise<void> {
    const deadline = performance.now() + START_MS;
    for (;;) {
      try {
        return (await Deno.connect({ hostname: "127.0.0.1", port: this.#port })).close();
      } catch (cause) {
        if (performance.now() > deadline) {
          throw new Error(`The S3 server does not listen on port ${this.#port}`, { cause });
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    }
  }
}
