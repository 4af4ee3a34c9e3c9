import { Client, type ClientError } from "ssh2";
import { fingerprintOf, isSameKey, keyBytesOf, keyTypeOf } from "./host_keys.ts";
import { type Host, HostError, type HostErrorKind } from "./host.ts";
import { SshHost } from "./ssh_host.ts";

/** Where to log in, as whom, and which keys the machine must have. */
export interface SshTarget {
  /** How messages call it. */
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  /** Private keys in OpenSSH's format, without passphrase, tried in this order. */
  readonly privateKeys: readonly string[];
  /** The machine's public keys, `type base64`; it must have one of them. */
  readonly hostKeys: readonly string[];
}

const HANDSHAKE_MS = 20_000;
const KEEPALIVE = { keepaliveInterval: 10_000, keepaliveCountMax: 3 } as const;

/** Logs in to a machine whose key is known.
 * @throws {HostError} naming the host and what to look at: unreachable, refused, another key than the known one, no key
 * known, keys not accepted, passwords only, slow */
export async function connectSsh(target: SshTarget, signal?: AbortSignal): Promise<Host> {
  const { name, hostKeys } = target;
  if (hostKeys.length === 0) {
    throw new HostError(
      "unknown_host_key",
      `Cannot connect to ${name}: its host key is not known. Log in once by ssh and check its fingerprint, or ` +
        "give host_key in cluster.jsonc",
    );
  }
  signal?.throwIfAborted();
  const client = new Client();
  const login = new Login(target);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = () => reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  client.once("ready", resolve);
  // Not once: a connection that is refused here may be reset by the machine a moment later.
  client.on("error", (error) => reject(login.errorOf(error)));
  client.once("close", () => reject(login.failure("lost", "it closed the connection")));
  try {
    client.connect({
      host: target.hostname,
      port: target.port,
      username: target.user,
      readyTimeout: HANDSHAKE_MS,
      ...KEEPALIVE,
      algorithms: { serverHostKey: hostKeyAlgorithms(hostKeys) },
      hostVerifier: (key: Uint8Array) => login.verify(key),
      authHandler: (left, _partialSuccess, next) => next(login.nextMethod(left)),
    });
    await promise;
  } catch (error) {
    client.destroy();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  client.setNoDelay(true);
  return new SshHost(name, client);
}

/** An RSA key signs by three algorithms, the oldest of which is not offered. */
function hostKeyAlgorithms(hostKeys: readonly string[]): string[] {
  const types = hostKeys.map(keyTypeOf).flatMap((type) =>
    type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type]
  );
  return [...new Set(types)];
}

/** What happened during one login. */
class Login {
  readonly #target: SshTarget;
  readonly #keysLeft: string[];
  #wrongKey: Uint8Array | undefined;
  #methodsLeft: readonly string[] = [];

  constructor(target: SshTarget) {
    this.#target = target;
    this.#keysLeft = [...target.privateKeys];
  }

  verify(key: Uint8Array): boolean {
    const isKnown = this.#target.hostKeys.some((known) => isSameKey(keyBytesOf(known), key));
    if (!isKnown) this.#wrongKey = key;
    return isKnown;
  }

  /** @param left what the machine still accepts; null at first */
  nextMethod(left: readonly string[] | null) {
    if (left !== null) this.#methodsLeft = left;
    const key = this.#keysLeft.shift();
    return key === undefined
      ? false
      : { type: "publickey", username: this.#target.user, key } as const;
  }

  errorOf(error: ClientError): HostError {
    const { user, hostname, port } = this.#target;
    const where = `${hostname}:${port}`;
    if (this.#wrongKey !== undefined) {
      return this.failure(
        "wrong_host_key",
        `${where} has the key ${
          fingerprintOf(this.#wrongKey)
        }, and not the known one. Another machine may have ` +
          "its address; nothing was sent to it",
      );
    }
    if (error.level === "client-authentication") {
      const accepts = this.#methodsLeft.join(", ");
      return this.#methodsLeft.length > 0 && !this.#methodsLeft.includes("publickey")
        ? this.failure("password_only", `${where} accepts ${accepts} alone. Allow keys for ${user}`)
        : this.failure(
          "no_login",
          `${where} accepts none of the ${this.#target.privateKeys.length} keys for ${user}`,
        );
    }
    if (/no matching host key|handshake failed: no matching/i.test(error.message)) {
      return this.failure("wrong_host_key", `${where} has no key of the known type`);
    }
    switch (error.code) {
      case "ECONNREFUSED":
        return this.failure("refused", `nothing listens at ${where}`);
      case "ENOTFOUND":
      case "EAI_AGAIN":
        return this.failure("unreachable", `the name ${hostname} has no address`);
      case "EHOSTUNREACH":
      case "ENETUNREACH":
        return this.failure("unreachable", `there is no route to ${where}`);
    }
    return error.level === "client-timeout" || error.code === "ETIMEDOUT"
      ? this.failure("unreachable", `${where} did not answer for ${HANDSHAKE_MS / 1000} s`)
      : this.failure("lost", error.message);
  }

  failure(kind: HostErrorKind, reason: string): HostError {
    return new HostError(kind, `Cannot connect to ${this.#target.name}: ${reason}`);
  }
}
