import { join } from "@std/path";
import type { NodePackages } from "../../../provision/bootstrap/node_program.ts";
import { UserError } from "../../base/errors.ts";
import { sizeBytesIfThere } from "../../base/if_there.ts";

/** Where Deno's cache has what comes from npm. */
const NPM_FOLDER = "npm/registry.npmjs.org";

const REACHES_REGISTRY =
  `const url = Deno.env.get("NPM_CONFIG_REGISTRY") ?? "https://registry.npmjs.org/";
await fetch(url, { signal: AbortSignal.timeout(10_000) });`;

/** The packages of a project's lock file, for nodes that cannot fetch them: taken from the cache of the Deno that runs
 * this, put into the cache of the node's. Such a node needs a machine of the kind of this one where a package has a part
 * for each kind. The archive is made once.
 * @param root folder of the project, with its `deno.lock` */
export function nodePackages(root: string): NodePackages {
  let archive: Promise<Uint8Array> | undefined;
  return {
    canFetch: ({ deno }) => [deno, "eval", "--no-config", REACHES_REGISTRY],
    archive: () => archive ??= packedCache(join(root, "deno.lock")),
    unpack: ({ deno }, file) => [
      ...["sh", "-c"],
      `set -e; cache="$("$0" info --json | sed -n 's/^ *"denoDir": "\\(.*\\)",*$/\\1/p')/${NPM_FOLDER}"; ` +
      `mkdir -p "$cache"; tar -xzf "$1" -C "$cache"`,
      ...[deno, file],
    ],
  };
}

/** Folders of packages in the cache, below that of their registry.
 * @param lockText of a `deno.lock`
 * @returns for each package its versions' folder and what the registry says of it */
export function cachePathsOf(lockText: string): string[] {
  const { npm = {} } = JSON.parse(lockText) as { npm?: Record<string, unknown> };
  const paths = Object.keys(npm).flatMap((id) => {
    // After the version stand the peers with which it was resolved: name@version_peer@version.
    const [, name, version] = /^(@?[^@]+)@([^_]+)/.exec(id) ?? [];
    return name === undefined ? [] : [`${name}/registry.json`, `${name}/${version}`];
  });
  return [...new Set(paths)].sort();
}

async function packedCache(lockFile: string): Promise<Uint8Array> {
  const folder = join(await denoDir(), NPM_FOLDER);
  // Parts for other kinds of machines are in the lock file, and not in the cache.
  const present = cachePathsOf(await Deno.readTextFile(lockFile)).filter((path) =>
    sizeBytesIfThere(join(folder, path)) !== undefined
  );
  const packing = new Deno.Command("sh", {
    args: ["-c", `tar -cf - -C "$0" -T - | gzip -1`, folder],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = packing.stdin.getWriter();
  await writer.write(new TextEncoder().encode(present.map((path) => `${path}\n`).join("")));
  await writer.close();
  const { stdout, stderr } = await packing.output();
  const complaint = new TextDecoder().decode(stderr).trim();
  if (complaint !== "") {
    throw new UserError("node/no-packages", `Cannot pack the packages in ${folder}: ${complaint}`);
  }
  return stdout;
}

async function denoDir(): Promise<string> {
  const args = ["info", "--json"];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" }).output();
  return (JSON.parse(new TextDecoder().decode(stdout)) as { denoDir: string }).denoDir;
}
