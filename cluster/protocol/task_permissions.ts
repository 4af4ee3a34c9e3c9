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
