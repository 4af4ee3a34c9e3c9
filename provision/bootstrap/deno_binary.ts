import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";
import { UserError } from "../../src/base/errors.ts";
import type { NodeProgram, Packing } from "./node_program.ts";

const PACKAGES: Readonly<Record<string, string>> = {
  x86_64: "@deno/linux-x64-glibc",
  aarch64: "@deno/linux-arm64-glibc",
};

/** Gives the executable of Deno, of the version that runs this, for machines of any architecture that it is made for:
 * our own file for our own kind, else the one of Deno's npm package, whose integrity Deno checks. Each is read and
 * compressed once.
 * @returns takes an architecture as `uname -m` says it and how to compress the file, gives it so
 * @throws {UserError} for an architecture that Deno is not made for, and when the package cannot be had */
export function denoBinaries(): NodeProgram["denoBinary"] {
  const known = new Map<string, Promise<Uint8Array>>();
  return (architecture, packing) => {
    const key = `${architecture} ${packing}`;
    const binary = known.get(key) ?? packedBinary(architecture, packing);
    known.set(key, binary);
    binary.catch(() => known.delete(key));
    return binary;
  };
}

async function packedBinary(architecture: string, packing: Packing): Promise<Uint8Array> {
  const isOurs = Deno.build.os === "linux" && Deno.build.arch === architecture;
  const bytes = isOurs
    ? await Deno.readFile(Deno.execPath())
    : await fromPackage(architecture, Deno.version.deno);
  // Fast levels: on the way to a machine, time to compress is time to wait.
  const packed = packing === "zstd"
    ? await promisify(zstdCompress)(bytes)
    : await promisify(gzip)(bytes, { level: constants.Z_BEST_SPEED });
  return new Uint8Array(packed);
}

async function fromPackage(architecture: string, version: string): Promise<Uint8Array> {
  const name = PACKAGES[architecture];
  if (name === undefined) {
    throw new UserError(
      "node/unfit-machine",
      `Cannot run Deno on a machine of architecture ${architecture}`,
      {
        hint: `There is one for ${Object.keys(PACKAGES).join(" and ")}.`,
      },
    );
  }
  const dir = await Deno.makeTempDir({ prefix: "tradewind-deno-" });
  try {
    await Deno.writeTextFile(
      `${dir}/package.json`,
      JSON.stringify({ dependencies: { [name]: version } }),
    );
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["install", "--quiet"],
      cwd: dir,
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) {
      const reason = new TextDecoder().decode(stderr).trim();
      throw new UserError(
        "node/no-deno",
        `Cannot get Deno ${version} for ${architecture}: ${reason}`,
      );
    }
    return await Deno.readFile(`${dir}/node_modules/${name}/deno`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
