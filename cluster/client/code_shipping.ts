import { delay } from "@std/async/delay";
import { toFileUrl } from "@std/path";
import { CodedError, errorMessage } from "../../src/base/errors.ts";
import { ProjectCode } from "../code/code_archive.ts";
import type { CodeArchive } from "../code/code_archive.ts";
import { findProject } from "../code/find_project.ts";
import type { CodeSource, FailedUpload, LocatedModule } from "./code_source.ts";
import type { RemoteObjects } from "./object_access.ts";

/** How a client's code reaches the nodes. */
export interface CodeShippingOptions {
  /** The folder of the project; default: of each module, the nearest above it with a deno.json or a package.json. */
  readonly root?: string;
}

/** Where archives are kept. */
export type CodeStore = Pick<RemoteObjects, "hold">;

/** How long a look at a project's files is good for. */
const SCAN_EVERY_MS = 1_000;
/** Versions whose archives are kept, for a head that has lost them. */
const MAX_KEPT = 8;
const UPLOAD_DELAYS_MS = [0, 250, 1_000];

/** Where Tradewind itself lies, with `/` at the end. */
const TRADEWIND_URL = new URL("../../", import.meta.url).href;

interface Project {
  readonly code: ProjectCode;
  readonly rootUrl: string;
  readonly tradewind: string | undefined;
}

/** Sends the code of modules along with the tasks that name them: each version of a project once, as an object that the
 * head keeps as long as this client is there, or a task of it. */
export class CodeShipping implements CodeSource {
  readonly #objects: CodeStore;
  readonly #root: string | undefined;
  /** By the URL of the folder that a module is in. */
  readonly #projectByFolder = new Map<string, Project>();
  readonly #projects = new Map<string, Project>();
  /** Versions that the head may not have. */
  readonly #unsent = new Map<string, CodeArchive>();
  readonly #sent = new Map<string, CodeArchive>();
  #upload: Promise<readonly FailedUpload[]> | undefined;

  constructor(objects: CodeStore, options: CodeShippingOptions = {}) {
    this.#objects = objects;
    this.#root = options.root;
  }

  /** Names a module by the current version of its project's code. Modules that are no files are left as they are. */
  locate(moduleUrl: string): LocatedModule {
    if (!moduleUrl.startsWith("file:")) return { module: moduleUrl };
    const project = this.#projectOf(moduleUrl);
    const archive = project.code.current(performance.now());
    if (!this.#sent.has(archive.hash)) this.#unsent.set(archive.hash, archive);
    return {
      module: moduleUrl.slice(project.rootUrl.length),
      code: {
        hash: archive.hash,
        sizeBytes: archive.bytes.byteLength,
        root: project.code.root,
        tradewind: project.tradewind,
      },
    };
  }

  upload(): Promise<readonly FailedUpload[]> | undefined {
    if (this.#unsent.size === 0) return this.#upload;
    return this.#upload ??= this.#uploadAll().finally(() => this.#upload = undefined);
  }

  reconnected(): void {
    for (const [hash, archive] of this.#sent) this.#unsent.set(hash, archive);
    this.#sent.clear();
  }

  async #uploadAll(): Promise<FailedUpload[]> {
    const failed: FailedUpload[] = [];
    for (let next = first(this.#unsent); next !== undefined; next = first(this.#unsent)) {
      const [hash, archive] = next;
      const error = await this.#store(archive);
      this.#unsent.delete(hash);
      if (error === undefined) this.#keep(archive);
      else failed.push({ hash, error });
    }
    return failed;
  }

  #keep(archive: CodeArchive): void {
    this.#sent.set(archive.hash, archive);
    const oldest = this.#sent.keys().next().value;
    if (this.#sent.size > MAX_KEPT && oldest !== undefined) this.#sent.delete(oldest);
  }

  async #store({ hash, bytes }: CodeArchive): Promise<Error | undefined> {
    let failure: Error | undefined;
    for (const delayMs of UPLOAD_DELAYS_MS) {
      await delay(delayMs);
      try {
        await this.#objects.hold(hash, bytes);
        return undefined;
      } catch (error) {
        failure = new CodedError(
          "code/not-sent",
          `Cannot send code ${hash} to the head: ${errorMessage(error)}`,
          {
            cause: error,
          },
        );
      }
    }
    return failure;
  }

  #projectOf(moduleUrl: string): Project {
    const folder = moduleUrl.slice(0, moduleUrl.lastIndexOf("/") + 1);
    let project = this.#projectByFolder.get(folder);
    if (project === undefined) {
      const root = this.#root ?? findProject(moduleUrl);
      project = this.#projects.get(root) ?? openProject(root);
      this.#projects.set(root, project);
      this.#projectByFolder.set(folder, project);
    }
    return project;
  }
}

function openProject(root: string): Project {
  const rootUrl = toFileUrl(`${root}/`).href;
  return {
    code: new ProjectCode(root, SCAN_EVERY_MS),
    rootUrl,
    tradewind: TRADEWIND_URL.startsWith(rootUrl) ? undefined : TRADEWIND_URL,
  };
}

function first<K, V>(map: ReadonlyMap<K, V>): [K, V] | undefined {
  return map.entries().next().value;
}
