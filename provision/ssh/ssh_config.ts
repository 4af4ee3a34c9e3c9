import { globPattern } from "./host_keys.ts";

/** What `~/.ssh/config` says of a host, of the options that are understood. */
export interface SshConfigEntry {
  readonly hostName?: string;
  readonly port?: number;
  readonly user?: string;
  /** As written: with `~`, without expansion. */
  readonly identityFiles: readonly string[];
}

/** What the text of an OpenSSH client configuration says of a host. The first value of each option counts, as in
 * OpenSSH; `Match`, `Include` and all other options are not understood and have no effect.
 * @param name as the user calls the host */
export function sshConfigFor(text: string, name: string): SshConfigEntry {
  const values = new Map<string, string>();
  const identityFiles: string[] = [];
  let applies = true;
  for (const line of text.split("\n")) {
    const [, option, value] = /^\s*([A-Za-z]+)\s*(?:\s|=)\s*"?(.*?)"?\s*$/.exec(line) ?? [];
    if (option === undefined || line.trim().startsWith("#")) continue;
    const key = option.toLowerCase();
    if (key === "host") applies = isFor(value, name);
    else if (key === "match") applies = false;
    else if (!applies) continue;
    else if (key === "identityfile") identityFiles.push(value);
    else if (!values.has(key)) values.set(key, value);
  }
  const port = values.get("port");
  return {
    hostName: values.get("hostname")?.replaceAll("%h", name),
    port: port === undefined ? undefined : Number(port),
    user: values.get("user"),
    identityFiles,
  };
}

function isFor(patterns: string, name: string): boolean {
  const words = patterns.split(/\s+/);
  const isMatch = (word: string) => globPattern(word).test(name);
  return words.some((word) => !word.startsWith("!") && isMatch(word)) &&
    !words.some((word) => word.startsWith("!") && isMatch(word.slice(1)));
}
