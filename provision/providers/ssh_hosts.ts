import { errorMessage, UserError } from "../../src/base/errors.ts";
import type { SshConfig, SshHost } from "../config/cluster_config.ts";
import type { SshTarget } from "../ssh/connect_ssh.ts";
import { knownHostKeys } from "../ssh/host_keys.ts";
import { sshConfigFor } from "../ssh/ssh_config.ts";

/** Whose files are read. */
export interface SshUser {
  /** The folder that `~` stands for. */
  readonly home: string;
  readonly name: string;
}

const USUAL_IDENTITIES = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"];

/** How to log in to each host of a configuration, from it, from `~/.ssh/config` and from `known_hosts`.
 * @throws {UserError} naming the host and the file that is missing */
export async function resolveSshHosts(config: SshConfig, user: SshUser): Promise<SshTarget[]> {
  const settings = await readIfThere(expand(config.config_file, user));
  const known = await readIfThere(expand(config.known_hosts, user));
  return await Promise.all(config.hosts.map((host) => resolveHost(host, settings, known, user)));
}

async function resolveHost(
  host: SshHost,
  settings: string,
  known: string,
  user: SshUser,
): Promise<SshTarget> {
  const entry = sshConfigFor(settings, host.host);
  const hostname = entry.hostName ?? host.host;
  const port = host.port ?? entry.port ?? 22;
  const hostKeys = host.host_key === undefined
    ? [...new Set([hostname, host.host].flatMap((name) => knownHostKeys(known, name, port)))]
    : [host.host_key];
  return {
    name: host.host,
    hostname,
    port,
    user: host.user ?? entry.user ?? user.name,
    privateKeys: await readIdentities(host, entry.identityFiles, user),
    hostKeys,
  };
}

async function readIdentities(
  { host, identity_file }: SshHost,
  configured: readonly string[],
  user: SshUser,
): Promise<string[]> {
  const named = identity_file === undefined ? configured : [identity_file];
  const files = named.length > 0 ? named : USUAL_IDENTITIES;
  const keys: string[] = [];
  for (const file of files) {
    const text = await readIfThere(expand(file, user));
    if (text === "") continue;
    if (/ENCRYPTED/.test(text)) {
      throw new UserError(
        "ssh/no-key",
        `Cannot log in to ${host}: the key ${file} has a passphrase`,
        {
          hint: "Give an identity_file without one.",
        },
      );
    }
    keys.push(text);
  }
  if (keys.length === 0) {
    throw new UserError(
      "ssh/no-key",
      `Cannot log in to ${host}: there is no private key in ${files.join(", ")}`,
      {
        hint: "Give identity_file in cluster.jsonc.",
      },
    );
  }
  return keys;
}

function expand(path: string, { home }: SshUser): string {
  return path.replace(/^~(?=\/|$)/, home);
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return "";
    throw new UserError("file/unreadable", `Cannot read ${path}: ${errorMessage(cause)}`, {
      cause,
    });
  }
}
