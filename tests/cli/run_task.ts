import { ROOT } from "../structure/sources.ts";

/** Runs a command in a process of its own, as its task of deno.json would, and waits for its end. */
export async function runTask(
  name: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", `src/cli/${name}.ts`, ...args],
    cwd: ROOT,
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
