import { assert, assertEquals } from "@std/assert";
import { prepareCode } from "../../../provision/bootstrap/prepare_code.ts";
import { parseClusterConfig } from "../../../provision/config/parse_cluster_config.ts";
import { connectSsh } from "../../../provision/ssh/connect_ssh.ts";
import { execOk } from "../../../provision/ssh/host.ts";
import { cachePathsOf, nodePackages } from "../../../src/cli/provision/node_packages.ts";
import { tradewindProgram } from "../../../src/cli/provision/tradewind_program.ts";
import { NEEDS_MACHINES, TestMachine } from "../../provision/test_machines.ts";

const PATIENCE_MS = 60_000;
const DIR = "/var/lib/tradewind";
const CODE_DIR = `${DIR}/code`;
const PLACE = {
  nodeId: "n1",
  headUrl: "http://127.0.0.1:1",
  // Its machines have this one's programs.
  deno: Deno.execPath(),
  codeDir: CODE_DIR,
  dir: DIR,
  tokenFile: `${DIR}/token`,
};
const CONFIG = parseClusterConfig(`{ "name": "c", "provider": "local" }`, "cluster.jsonc");

Deno.test("cachePathsOf() names each package of a lock file once, whatever its peers", () => {
  const npm = { "@a/b@1.0.0": {}, "c@2.0.0_d@3.0.0": {}, "c@2.1.0": {} };
  assertEquals(cachePathsOf(JSON.stringify({ npm })), [
    "@a/b/1.0.0",
    "@a/b/registry.json",
    "c/2.0.0",
    "c/2.1.0",
    "c/registry.json",
  ]);
  assertEquals(cachePathsOf("{}"), []);
});

/** A project with one package, which this machine has: a part of our own lock file. */
async function writeSmallProject(dir: string): Promise<void> {
  const { version, npm } = JSON.parse(await Deno.readTextFile("deno.lock"));
  const id = Object.keys(npm).find((id) => id.startsWith("ignore@")) as string;
  const specifier = `npm:${id}`;
  const lock = {
    version,
    specifiers: { [specifier]: id.split("@")[1] },
    npm: { [id]: npm[id] },
    workspace: { dependencies: [specifier] },
  };
  await Deno.writeTextFile(`${dir}/deno.json`, JSON.stringify({ imports: { ignore: specifier } }));
  await Deno.writeTextFile(`${dir}/deno.lock`, JSON.stringify(lock));
}

Deno.test(
  "a machine without a way to any registry, which has no package, gets them through SSH",
  NEEDS_MACHINES,
  async () => {
    await using machine = await TestMachine.start();
    await using host = await connectSsh(machine.target);
    const project = await Deno.makeTempDir({ prefix: "tradewind-project-" });
    try {
      await writeSmallProject(project);
      for (const name of ["deno.json", "deno.lock"]) {
        const data = await Deno.readFile(`${project}/${name}`);
        await host.upload(data, `${CODE_DIR}/${name}`, { mode: 0o600 });
      }
      const notes: string[] = [];
      const options = {
        program: { ...tradewindProgram(CONFIG, () => "t"), packages: nodePackages(project) },
        note: (message: string) => notes.push(message),
        signal: AbortSignal.timeout(PATIENCE_MS),
      };
      await prepareCode(host, PLACE, options);
      assert(notes.some((note) => /^sends its packages, \d+\.\d MB$/.test(note)), notes.join("\n"));
      const use =
        `'${Deno.execPath()}' eval 'console.log(typeof (await import("ignore")).default)'`;
      const said = await execOk(host, "use it", `cd ${CODE_DIR} && ${use}`);
      assertEquals(said.trim(), "function");

      notes.length = 0;
      await prepareCode(host, PLACE, options);
      assertEquals(notes.filter((note) => note.startsWith("sends")), []);
    } finally {
      await Deno.remove(project, { recursive: true });
    }
  },
);
