/** Tries to change a lakehouse from within a task, in every way that there is; reads it in between.
 * @returns what became of each try: the name of its error, or `done` */
export async function tamper(lake: string, file: string): Promise<Record<string, string>> {
  const path = `${lake}/${file}`;
  const tries: Record<string, () => Promise<unknown>> = {
    read: () => Deno.readFile(path),
    overwrite: () => Deno.writeFile(path, new Uint8Array(1)),
    append: () => Deno.writeFile(path, new Uint8Array(1), { append: true }),
    truncate: () => Deno.truncate(path, 0),
    create: () => Deno.writeTextFile(`${lake}/new`, "x"),
    remove: () => Deno.remove(path),
    rename: () => Deno.rename(path, `${path}.old`),
    link: () => Deno.link(path, `${path}.link`),
    chmod: () => Deno.chmod(path, 0o666),
    mkdir: () => Deno.mkdir(`${lake}/folder`),
  };
  const outcomes: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(tries)) {
    outcomes[name] = await attempt().then(() => "done", (error) => (error as Error).name);
  }
  return outcomes;
}
