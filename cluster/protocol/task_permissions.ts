/** What the process of a task may do, as Deno's permissions; what is left out is as usual. A task that asks for other
 * than the usual runs in a process of its own kind, which is kept warm like others. */
export interface TaskPermissions {
  /** Hosts that it may reach, as `host` or `host:port`, or `*` for all; default: none. The owner of a node has to allow
   * them, else the attempt fails there as `refused`. */
  readonly net?: readonly string[];
  /** Absolute paths that it may read, besides code and packages; default: all that the node's user can. */
  readonly read?: readonly string[];
  /** Absolute paths into which it may write; default: the folders that the node's owner named. Others are refused. */
  readonly write?: readonly string[];
  /** Whether it may call native code, by which all other permissions can be got round; default: yes. */
  readonly ffi?: boolean;
}

/** Checks permissions before they travel.
 * @throws {TypeError} naming what is wrong */
export function checkPermissions({ net = [], read = [], write = [] }: TaskPermissions): void {
  for (const host of net) {
    // A comma would separate two hosts for Deno, a space or a slash is in no host.
    if (!/^[^\s,/]+$/.test(host)) {
      throw new TypeError(`Cannot allow a task to reach ${JSON.stringify(host)}: it is no host`);
    }
  }
  for (const path of [...read, ...write]) {
    if (!path.startsWith("/") || path.includes(",")) {
      throw new TypeError(
        `Cannot allow a task to use ${
          JSON.stringify(path)
        }: a path must be absolute, without commas`,
      );
    }
  }
}

/** PURE: what a task may do that another one submits: what it leaves out is as its parent has it, and nothing is more.
 * @param parent undefined: the usual, to which nothing is denied but by the owner of the node
 * @throws {TypeError} naming what the parent may not do itself */
export function inheritPermissions(
  parent: TaskPermissions | undefined,
  asked: TaskPermissions | undefined,
): TaskPermissions | undefined {
  if (parent === undefined || asked === undefined) return asked ?? parent;
  const { net = [], read, write, ffi = true } = parent;
  const host = asked.net?.find((each) => !coversHost(net, each));
  if (host !== undefined) throw moreThanParent(`reach ${host}`);
  const readable = asked.read?.find((path) => read !== undefined && !isWithinAny(path, read));
  if (readable !== undefined) throw moreThanParent(`read ${readable}`);
  const writable = asked.write?.find((path) => write !== undefined && !isWithinAny(path, write));
  if (writable !== undefined) throw moreThanParent(`write into ${writable}`);
  if (asked.ffi === true && !ffi) throw moreThanParent("call native code");
  return { ...parent, ...asked };
}

function moreThanParent(what: string): TypeError {
  return new TypeError(`Cannot let a task ${what}: the task that submits it may not do so itself`);
}

/** PURE: whether a host, with or without a port, is one of those that are allowed. */
export function coversHost(allowed: readonly string[], host: string): boolean {
  return allowed.some((each) =>
    each === "*" || each === host || host.replace(/:\d+$/, "") === each
  );
}

/** PURE: whether an absolute path lies in one of the folders, or is one of them. */
export function isWithinAny(path: string, folders: readonly string[]): boolean {
  const parts = path.split("/");
  if (parts.includes("..") || parts.includes(".")) return false;
  return folders.map((folder) => folder.replace(/\/+$/, ""))
    .some((root) => path === root || path.startsWith(`${root}/`));
}
