import { fromFileUrl } from "@std/path";

/** The root of the source tree. */
export const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** The fenced blocks of a language in a Markdown file, in their order.
 * @param path from the root of the source tree */
export async function codeBlocks(path: string, language: string): Promise<string[]> {
  const text = await Deno.readTextFile(`${ROOT}${path}`);
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"));
  return [...blocks].map(([, block]) => block);
}

/** Runs a program as a user would who saved it in a folder of his own.
 * @returns what it prints, without the last line end
 * @throws {Error} when it fails or writes to standard error */
export async function runProgram(code: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "tradewind-docs-" });
  try {
    await Deno.writeTextFile(`${folder}/example.ts`, code);
    return await deno(
      ["run", "-A", "--quiet", "--config", `${ROOT}deno.json`, "example.ts"],
      folder,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Checks the types of programs.
 * @throws {Error} with what the compiler says */
export async function checkPrograms(programs: readonly string[]): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tradewind-docs-" });
  try {
    const files = programs.map((_, i) => `program_${i + 1}.ts`);
    await Promise.all(files.map((file, i) => Deno.writeTextFile(`${folder}/${file}`, programs[i])));
    await deno(["check", "--quiet", "--config", `${ROOT}deno.json`, ...files], folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function deno(args: readonly string[], cwd: string): Promise<string> {
  const ended = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  const [stdout, stderr] = [ended.stdout, ended.stderr].map((x) => new TextDecoder().decode(x));
  if (ended.code !== 0 || stderr !== "") throw new Error(`deno ${args.join(" ")}: ${stderr}`);
  return stdout.trimEnd();
}
