import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import { utils } from "ssh2";

/** A key pair in the formats of OpenSSH. */
export interface SshKeyPair {
  /** One line: `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
  /** Without passphrase; write it with mode 0600. */
  readonly privateKey: string;
}

/** Of a public Ed25519 key as it travels: its type and itself, each with its length before it. */
const ED25519_BYTES = 4 + "ssh-ed25519".length + 4 + 32;

/** A new Ed25519 key pair.
 * @param comment stands behind the public key */
export function newKeyPair(comment: string): SshKeyPair {
  while (true) {
    const { public: publicKey, private: privateKey } = utils.generateKeyPairSync("ed25519", {
      comment,
    });
    // The library takes a leading zero from a key, one in 256: what is left is a key for nobody.
    if (keyBytesOf(publicKey).length === ED25519_BYTES) return { publicKey, privateKey };
  }
}

/** The type of a public key's line: `ssh-ed25519`. */
export function keyTypeOf(publicKey: string): string {
  return publicKey.split(" ")[0];
}

/** The bytes of a public key's line, as they travel. */
export function keyBytesOf(publicKey: string): Uint8Array {
  return new Uint8Array(Buffer.from(publicKey.split(" ")[1] ?? "", "base64"));
}

/** As OpenSSH shows a key: `SHA256:…`. */
export function fingerprintOf(keyBytes: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(keyBytes).digest("base64").replace(/=+$/, "")}`;
}

/** Whether two keys are the same. */
export function isSameKey(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The keys that a `known_hosts` file has for a host, as `type base64`; hashed names are understood, revoked keys and
 * certificate authorities are left out.
 * @param hostname as it is connected to: an address, or a name */
export function knownHostKeys(text: string, hostname: string, port: number): string[] {
  const wanted = port === 22 ? hostname : `[${hostname}]:${port}`;
  return text.split("\n").flatMap((line) => {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#") || trimmed.startsWith("@")) return [];
    const [names, type, key] = trimmed.split(/\s+/);
    if (names === undefined || type === undefined || key === undefined) return [];
    return isNamed(names, wanted) ? [`${type} ${key}`] : [];
  });
}

function isNamed(names: string, wanted: string): boolean {
  const patterns = names.split(",");
  const isMatch = (pattern: string): boolean => {
    const hashed = /^\|1\|([^|]+)\|(.+)$/.exec(pattern);
    if (hashed !== null) {
      const [, salt, hash] = hashed;
      const digest = createHmac("sha1", Buffer.from(salt, "base64")).update(wanted).digest(
        "base64",
      );
      return digest === hash;
    }
    return globPattern(pattern).test(wanted);
  };
  return !patterns.some((pattern) => pattern.startsWith("!") && isMatch(pattern.slice(1))) &&
    patterns.some((pattern) => !pattern.startsWith("!") && isMatch(pattern));
}

/** The pattern of OpenSSH's `*` and `?`. */
export function globPattern(glob: string): RegExp {
  const escaped = glob.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "i");
}
