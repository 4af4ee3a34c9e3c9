import type { SshKeyPair } from "../../ssh/host_keys.ts";

/** A machine to which nobody came within so many minutes ends itself. */
const UNCLAIMED_MINUTES = 20;

/** What a new machine is told (cloud-init): its host key, by which it is known at the first connection; who may log in;
 * and that it ends itself when nobody comes, or when its time is over. Whoever runs on the machine can read it.
 * @param authorizedKey a line of a public key
 * @param expiresAtMs in milliseconds since the epoch */
export function userData(hostKey: SshKeyPair, authorizedKey: string, expiresAtMs: number): string {
  const privateKey = hostKey.privateKey.trimEnd().split("\n").map((line) => `    ${line}`);
  const expiry = new Date(expiresAtMs).toISOString().slice(0, 19).replace("T", " ");
  return [
    "#cloud-config",
    "disable_root: false",
    "ssh_pwauth: false",
    "ssh_deletekeys: true",
    "ssh_genkeytypes: []",
    "ssh_keys:",
    "  ed25519_private: |",
    ...privateKey,
    `  ed25519_public: ${hostKey.publicKey.trim()}`,
    "users:",
    "  - name: root",
    "    lock_passwd: true",
    "    ssh_authorized_keys:",
    `      - ${authorizedKey.trim()}`,
    "runcmd:",
    `  - [shutdown, -P, "+${UNCLAIMED_MINUTES}"]`,
    `  - [systemd-run, --unit=tradewind-expiry, "--on-calendar=${expiry} UTC", systemctl, poweroff]`,
    "",
  ].join("\n");
}
