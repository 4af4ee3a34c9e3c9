import { type BenchPanel, isFile } from "./panel.ts";

const HERE = new URL(".", import.meta.url).pathname;

/** What a script of this folder answers, one value a line, for a panel and what else it asks for; `undefined` when
 * the virtual environment of the peers is not installed, and how to install it is said. */
export async function askPeer<Answer>(
  script: string,
  panel: BenchPanel,
  request: Readonly<Record<string, unknown>>,
): Promise<readonly Answer[] | undefined> {
  const environments = Deno.env.get("TV_BENCH_VENVS") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/tradewind-bench`;
  const python = `${environments}/optimizers/bin/python`;
  if (!await isFile(python)) {
    note("The peers are left out, since they are not installed. To install them:");
    note(`  python3 -m venv ${environments}/optimizers`);
    note(`  ${environments}/optimizers/bin/pip install -r ${HERE}requirements.txt`);
    return undefined;
  }
  const folder = await Deno.makeTempDir({ prefix: "tradewind-bench-" });
  try {
    const { values, rows, assets } = panel;
    await Deno.writeFile(
      `${folder}/returns`,
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
    const path = `${folder}/request.json`;
    await Deno.writeTextFile(
      path,
      JSON.stringify({ returns: `${folder}/returns`, rows, assets, ...request }),
    );
    const { stdout } = await new Deno.Command(python, {
      args: [`${HERE}${script}`, path],
      stderr: "inherit",
    }).output();
    const lines = new TextDecoder().decode(stdout).split("\n");
    return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Answer);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A row of a Markdown table. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Three digits; nothing for nothing. */
export function tableCell(value: number | undefined): string {
  if (value === undefined) return "";
  return value >= 100
    ? Math.round(value).toLocaleString("en-US")
    : String(Number(value.toPrecision(3)));
}

/** A line for who watches. */
export function note(line: string): void {
  // deno-lint-ignore no-console -- a bench says what it does
  console.error(line);
}
