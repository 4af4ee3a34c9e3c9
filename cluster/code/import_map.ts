/** An import map as Deno reads it. */
export interface ImportMap {
  readonly imports: Readonly<Record<string, string>>;
  readonly scopes: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What a project says of its imports, in one of its config files. */
export interface ImportConfig {
  /** The URL of the folder that the file is in, with `/` at the end: relative addresses count from there. */
  readonly folderUrl: string;
  readonly imports: Readonly<Record<string, string>>;
  readonly scopes: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** How a node has to resolve the imports of a project that came from elsewhere. */
export interface ImportMapInputs {
  /** Of the project's own folder first; then of folders in it that have one. */
  readonly configs: readonly [ImportConfig, ...ImportConfig[]];
  /** Tradewind on the node. */
  readonly tradewind: ImportConfig;
  /** URLs under which the project knows Tradewind, with `/` at the end: each stands for the node's. */
  readonly movedTradewinds: readonly string[];
}

type Entries = Record<string, string>;

/** PURE: the import map by which the executors of a node load a project. The project's imports are as its config says,
 * those of Tradewind as Tradewind's does, whatever the project says; "tradewind" is the node's where the project names
 * none; and wherever the project finds Tradewind on the submitting machine, it finds the node's. */
export function buildImportMap(inputs: ImportMapInputs): ImportMap {
  const { configs: [project, ...inner], tradewind, movedTradewinds } = inputs;
  const moves = movedTradewinds.filter((url) => url !== tradewind.folderUrl);
  const resolve = (config: ImportConfig, entries: Readonly<Entries>) =>
    resolveEntries(entries, config.folderUrl, (url) => move(url, moves, tradewind.folderUrl));
  const imports: Entries = {
    tradewind: `${tradewind.folderUrl}mod.ts`,
    ...resolve(project, project.imports),
    ...Object.fromEntries(moves.map((url) => [url, tradewind.folderUrl])),
  };
  const scopes: Record<string, Entries> = {};
  const addScope = (url: string, entries: Entries) => scopes[url] = { ...scopes[url], ...entries };
  for (const config of [tradewind, project, ...inner]) {
    addScope(config.folderUrl, config === project ? imports : resolve(config, config.imports));
    for (const [scope, entries] of Object.entries(config.scopes)) {
      addScope(new URL(scope, config.folderUrl).href, resolve(config, entries));
    }
  }
  return { imports, scopes };
}

function resolveEntries(
  entries: Readonly<Entries>,
  folderUrl: string,
  moveUrl: (url: string) => string,
): Entries {
  const resolved: Entries = {};
  for (const [specifier, address] of Object.entries(entries)) {
    const key = isLocal(specifier) ? new URL(specifier, folderUrl).href : specifier;
    resolved[key] = moveUrl(isLocal(address) ? new URL(address, folderUrl).href : address);
    // A deno.json means with a package its inner modules too; an import map has to name them.
    const inner = `${key}/`;
    const innerAddress = addressInside(address);
    if (!key.endsWith("/") && innerAddress !== undefined && entries[inner] === undefined) {
      resolved[inner] = innerAddress;
    }
  }
  return resolved;
}

/** Of `npm:name@1` the address of its inner modules, `npm:/name@1/`; undefined for what is no package as a whole. */
function addressInside(address: string): string | undefined {
  const [, scheme, name] = /^(npm|jsr):\/?((?:@[^/]+\/)?[^/]+)$/.exec(address) ?? [];
  return scheme === undefined ? undefined : `${scheme}:/${name}/`;
}

function isLocal(specifier: string): boolean {
  return /^\.{0,2}\//.test(specifier);
}

function move(url: string, from: readonly string[], to: string): string {
  const prefix = from.find((prefix) => url.startsWith(prefix));
  return prefix === undefined ? url : to + url.slice(prefix.length);
}
