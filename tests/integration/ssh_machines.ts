import { join } from "@std/path";
import { packageCache, TestMachine } from "../provision/test_machines.ts";

/** Starts machines as a user has them: real SSH servers, a network and an address each. */
export async function startMachines(
  count: number,
  stack: AsyncDisposableStack,
): Promise<TestMachine[]> {
  const packages = await packageCache();
  const machines: TestMachine[] = [];
  for (let k = 0; k < count; k++) machines.push(stack.use(await TestMachine.start({ packages })));
  return machines;
}

/** A configuration of a cluster on such machines, a worker each. */
export async function sshConfigOf(machines: readonly TestMachine[]): Promise<object> {
  const hosts = await Promise.all(machines.map(async ({ address, hostKey, userKey, dir }) => {
    const identity_file = join(dir, "identity");
    await Deno.writeTextFile(identity_file, userKey.privateKey, { mode: 0o600 });
    return { host: address, user: "root", identity_file, host_key: hostKey.publicKey };
  }));
  const workers = { max: machines.length, cpus: 1 };
  return { name: "boxes", provider: "ssh", workers, ssh: { hosts } };
}
