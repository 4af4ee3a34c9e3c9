import { ROOT } from "../../structure/sources.ts";

/** A head as a user starts it, measured from outside. Linux only. */
export class HeadProcess {
  readonly url: string;
  readonly token: string;
  readonly #process: Deno.ChildProcess;

  private constructor(process: Deno.ChildProcess, url: string, token: string) {
    this.#process = process;
    this.url = url;
    this.token = token;
  }

  /** Starts one on a folder, and waits until it listens. */
  static async start(folder: string, flags: readonly string[]): Promise<HeadProcess> {
    const process = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "-A",
        "src/cli/head.ts",
        "--dir",
        folder,
        "--port=0",
        "--json",
        ...flags,
      ],
      cwd: ROOT,
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error("The head ended before it listened");
      text += value;
    }
    await reader.cancel();
    const { url, token_file } = JSON.parse(text.slice(0, text.indexOf("\n")));
    return new HeadProcess(process, url, (await Deno.readTextFile(token_file)).trim());
  }

  /** Its memory, resident and at the most. */
  memory(): { readonly residentBytes: number; readonly peakBytes: number } {
    const status = Deno.readTextFileSync(`/proc/${this.#process.pid}/status`);
    const bytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024;
    return { residentBytes: bytes("VmRSS"), peakBytes: bytes("VmHWM") };
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
  }
}
