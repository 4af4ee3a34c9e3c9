import { deadline } from "@std/async/deadline";
import { dirname, join } from "@std/path";
import { errorMessage } from "../../src/base/errors.ts";
import { ArchiveError } from "../code/archive.ts";
import { packProject } from "../code/code_archive.ts";
import { configOf } from "../code/find_project.ts";
import { MAX_CODE_BYTES, MAX_CODE_FILES } from "../code/project_files.ts";
import { unpackArchive } from "../code/unpack_archive.ts";
import type { CodeRef } from "../protocol/code_ref.ts";
import type { TaskError } from "../scheduler/types.ts";
import {
  CodeError,
  folderUrl,
  namedPackages,
  readLock,
  TRADEWIND_URL,
  writeResolution,
} from "./code_environment.ts";
import type { CodeEnvironment } from "./code_environment.ts";
import { PermissionRefusedError } from "./granted_permissions.ts";
import { installPackages } from "./install_packages.ts";
import type { NodeObjects } from "./node_objects.ts";

/** What a node has to know to prepare code. */
export interface CodeVersionsOptions {
  /** A folder of its own. */
  readonly folder: string;
  /** For errors. */
  readonly nodeName: string;
  readonly objects: Pick<NodeObjects, "read">;
  /** The deno.json of the executors that are not for a version of code; undefined: Tradewind's. */
  readonly configPath: string | undefined;
  /** Whether packages come from Deno's cache alone. */
  readonly isOffline: boolean;
  /** Whether executors of a key are alive or starting. */
  readonly isInUse: (key: string) => boolean;
}

/** Code could not be prepared on this node; another may do better. */
export class NotPreparedError extends Error {
  override readonly name = "NotPreparedError";
}

/** Code that is ready, and stays as long as it is held. */
export interface CodeLease extends Disposable {
  readonly environment: CodeEnvironment;
}

interface Version {
  readonly environment: CodeEnvironment;
  /** What was unpacked for it; undefined: nothing was. */
  readonly unpacked: { readonly folder: string; readonly sizeBytes: number } | undefined;
  leaseCount: number;
}

/** Versions that stay unpacked. */
const MAX_VERSIONS = 8;
/** Bytes of the files of all versions that stay unpacked. */
const MAX_UNPACKED_BYTES = 1024 ** 3;
/** Unpacking and installing together. */
const PREPARE_TIMEOUT_MS = 300_000;

/** The code of a node: fetched as an archive, unpacked, its packages installed; or the project itself, when that lies
 * on this machine as it was submitted. The least recently used versions are removed. */
export class CodeVersions {
  readonly #options: CodeVersionsOptions;
  /** In the order of their last use. */
  readonly #versions = new Map<string, Version>();
  readonly #preparing = new Map<string, Promise<Version>>();
  /** The version of Tradewind itself for which the executors serve that are for no version of code. */
  #ownHash: string | undefined;

  constructor(options: CodeVersionsOptions) {
    this.#options = options;
  }

  /** Hashes of what is being prepared. */
  get preparing(): string[] {
    return [...this.#preparing.keys()];
  }

  /** How executors of some code are started, when it is ready. */
  find(code: CodeRef): CodeEnvironment | undefined {
    return this.#versions.get(code.hash)?.environment;
  }

  /** Makes code ready, once for all who ask, and keeps it until the lease is disposed of.
   * @throws {CodeError} when no node could prepare it · {NotPreparedError} when this one cannot */
  async lease(code: CodeRef): Promise<CodeLease> {
    const key = code.hash;
    const version = this.#versions.get(key) ?? await this.#prepareOnce(key, code);
    this.#versions.delete(key);
    this.#versions.set(key, version);
    version.leaseCount++;
    return {
      environment: version.environment,
      [Symbol.dispose]: () => {
        version.leaseCount--;
      },
    };
  }

  #prepareOnce(key: string, code: CodeRef): Promise<Version> {
    let preparing = this.#preparing.get(key);
    if (preparing === undefined) {
      preparing = this.#prepare(key, code).then(async (version) => {
        this.#versions.set(key, version);
        await this.#removeOld(key);
        return version;
      }, (error) => {
        const message = `Cannot prepare code ${key} on ${this.#options.nodeName}: ${
          errorMessage(error)
        }`;
        throw error instanceof CodeError
          ? new CodeError(message, { cause: error })
          : new NotPreparedError(message, { cause: error });
      }).finally(() => this.#preparing.delete(key));
      this.#preparing.set(key, preparing);
    }
    return preparing;
  }

  async #prepare(key: string, code: CodeRef): Promise<Version> {
    const inPlace = await this.#findInPlace(key, code);
    if (inPlace !== undefined) return inPlace;
    const folder = join(this.#options.folder, key);
    await Deno.mkdir(folder, { recursive: true });
    try {
      return await deadline(this.#unpack(key, code, folder), PREPARE_TIMEOUT_MS);
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      if (error instanceof ArchiveError) throw new CodeError(error.message, { cause: error });
      throw error;
    }
  }

  /** The project itself, when it is on this machine with the very same files. */
  async #findInPlace(key: string, code: CodeRef): Promise<Version | undefined> {
    if (!hasSameCode(code)) return undefined;
    const rootUrl = folderUrl(code.root);
    const configPath = configOf(code.root);
    const isOwn = rootUrl === TRADEWIND_URL &&
      (this.#options.configPath ?? configPath) === configPath;
    // Only for the first: executors that have loaded one version cannot load another.
    if (isOwn && (this.#ownHash ??= code.hash) === code.hash) {
      const denoArgs = configArgs(this.#options.configPath);
      return {
        environment: { key: "", rootUrl, denoArgs },
        unpacked: undefined,
        leaseCount: 0,
      };
    }
    const folder = join(this.#options.folder, key);
    await Deno.mkdir(folder, { recursive: true });
    const denoArgs = await writeResolution(
      {
        folder: code.root,
        configPath: configPath ?? await writeEmptyConfig(folder),
        tradewindUrls: code.tradewind === undefined ? [] : [code.tradewind],
      },
      await readLock(code.root),
      folder,
    );
    return {
      environment: { key, rootUrl, denoArgs },
      unpacked: { folder, sizeBytes: 0 },
      leaseCount: 0,
    };
  }

  async #unpack(key: string, code: CodeRef, folder: string): Promise<Version> {
    const tree = join(folder, "tree");
    const archive = await this.#options.objects.read(code.hash);
    const limits = { maxBytes: MAX_CODE_BYTES, maxFiles: MAX_CODE_FILES };
    const sizeBytes = await unpackArchive(archive, tree, limits);
    const configPath = configOf(tree) ?? await writeEmptyConfig(folder);
    const lock = await readLock(tree);
    await this.#install(tree, configPath, lock !== undefined);
    const tradewindUrls = movedTradewind(code, tree);
    const denoArgs = await writeResolution(
      { folder: tree, configPath, tradewindUrls },
      lock,
      folder,
    );
    return {
      environment: {
        key,
        rootUrl: folderUrl(tree),
        denoArgs: [...denoArgs, "--frozen"],
      },
      unpacked: { folder, sizeBytes },
      leaseCount: 0,
    };
  }

  async #install(tree: string, configPath: string, hasLock: boolean): Promise<void> {
    const packages = namedPackages(tree);
    if (packages.length === 0) return;
    if (!hasLock) {
      throw new CodeError(
        `the project imports ${packages.slice(0, 3).join(", ")} and has no deno.lock that says ` +
          "which: run `deno install` in it and keep its deno.lock with it",
      );
    }
    try {
      await installPackages({
        folder: tree,
        configPath,
        isOffline: this.#options.isOffline,
        timeoutMs: PREPARE_TIMEOUT_MS,
      });
    } catch (error) {
      const isOutdated = errorMessage(error).includes("lockfile is out of date");
      throw isOutdated ? new CodeError(errorMessage(error), { cause: error }) : error;
    }
  }

  async #removeOld(newest: string): Promise<void> {
    const unpacked = [...this.#versions].filter(([, { unpacked }]) => unpacked !== undefined);
    let count = unpacked.length;
    let sizeBytes = unpacked.reduce((sum, [, version]) => sum + version.unpacked!.sizeBytes, 0);
    for (const [key, version] of unpacked) {
      if (count <= MAX_VERSIONS && sizeBytes <= MAX_UNPACKED_BYTES) return;
      if (key === newest || version.leaseCount > 0 || this.#options.isInUse(key)) continue;
      this.#versions.delete(key);
      count--;
      sizeBytes -= version.unpacked!.sizeBytes;
      await Deno.remove(version.unpacked!.folder, { recursive: true });
    }
  }
}

/** The arguments by which executors that are not for a version of code resolve imports. Where the packages are in Deno's
 * cache alone, as on nodes, the executor must not copy all of them into a folder beside the code. */
export function configArgs(configPath: string | undefined): string[] {
  const folder = configPath === undefined ? new URL(TRADEWIND_URL).pathname : dirname(configPath);
  return [
    ...(configPath === undefined ? [] : [`--config=${configPath}`]),
    ...(isFolder(join(folder, "node_modules")) ? [] : ["--node-modules-dir=none"]),
  ];
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function hasSameCode(code: CodeRef): boolean {
  try {
    return isFolder(code.root) && packProject(code.root).hash === code.hash;
  } catch {
    // What lies there, if anything, is not what was submitted.
    return false;
  }
}

/** Where the modules of an unpacked project look for Tradewind: as far from its folder as on the submitting machine, or
 * at its address there. */
function movedTradewind(code: CodeRef, tree: string): string[] {
  if (code.tradewind === undefined) return [];
  const from = code.tradewind;
  const relative = relativeUrl(folderUrl(code.root), from);
  return relative === undefined ? [from] : [from, new URL(relative, folderUrl(tree)).href];
}

async function writeEmptyConfig(folder: string): Promise<string> {
  const path = join(folder, "deno.json");
  await Deno.writeTextFile(path, "{}");
  return path;
}

/** The way from one folder's URL to another's, such as `../tradewind/`; undefined when there is none. */
function relativeUrl(fromUrl: string, toUrl: string): string | undefined {
  if (!fromUrl.startsWith("file:///") || !toUrl.startsWith("file:///")) return undefined;
  const from = fromUrl.slice("file:///".length).split("/").slice(0, -1);
  const to = toUrl.slice("file:///".length).split("/");
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) shared++;
  return "../".repeat(from.length - shared) + to.slice(shared).join("/");
}

/** What a head is told of an attempt that could not be given to an executor. */
export function startFailure(error: unknown): TaskError {
  const message = errorMessage(error);
  if (error instanceof CodeError) return { kind: "crashed", name: error.name, message };
  if (error instanceof NotPreparedError) return { kind: "unprepared", name: error.name, message };
  if (error instanceof PermissionRefusedError) {
    return { kind: "refused", name: error.name, message };
  }
  return { kind: "crashed", name: "NodeError", message };
}
