import { execOk, type Host } from "../../ssh/host.ts";

const KEY = "/etc/ssh/ssh_host_ed25519_key";
const NEXT = "/etc/ssh/tradewind_host_key";

/** Gives a machine a host key that it makes itself and that never leaves it. The one that it was launched with is shared
 * by its launch, and stands in its user data, which whatever runs on it can read. Broken off anywhere, it is begun again.
 * @param expect notes the new public key, before the machine has it
 * @param isReached logs in with the new key alone
 * @throws {HostError} naming the machine */
export async function settleHostKey(
  host: Host,
  expect: (publicKey: string) => Promise<void>,
  isReached: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  // Once it is in its place, the key is made no more: what is there is asked for.
  const made = await execOk(
    host,
    "make a host key",
    `set -e; if [ ! -e ${NEXT}.done ]; then [ -e ${NEXT} ] || ssh-keygen -q -t ed25519 -N "" -C "" -f ${NEXT}; ` +
      `cat ${NEXT}.pub; else cat ${KEY}.pub; fi`,
    { signal },
  );
  await expect(made.trim().split(" ").slice(0, 2).join(" "));
  await execOk(
    host,
    "change its host key",
    `set -e; if [ ! -e ${NEXT}.done ]; then cp ${NEXT} ${KEY}.part; chmod 600 ${KEY}.part; cp ${NEXT}.pub ${KEY}.pub; ` +
      `mv ${KEY}.part ${KEY}; touch ${NEXT}.done; rm -f ${NEXT} ${NEXT}.pub; fi; ` +
      `systemctl reload-or-restart ssh`,
    { signal },
  );
  await isReached();
}
