import { userInfo } from "node:os";
import { AwsProvider } from "../../../provision/providers/aws.ts";
import { LocalProvider } from "../../../provision/providers/local.ts";
import type { Provider } from "../../../provision/providers/provider.ts";
import { SshProvider } from "../../../provision/providers/ssh.ts";
import { resolveSshHosts } from "../../../provision/providers/ssh_hosts.ts";
import type { ClusterFolder } from "./cluster_folder.ts";

/** The provider of a cluster's configuration.
 * @param isOnNode whether this runs on a node of the cluster
 * @throws {UserError} when what it needs is not there, such as keys */
export async function makeProvider(
  { config, dir }: ClusterFolder,
  isOnNode = false,
): Promise<Provider> {
  const cluster = config.name;
  switch (config.provider) {
    case "local": {
      const cpus = config.workers.cpus || navigator.hardwareConcurrency;
      return new LocalProvider({ cluster, dir: `${dir}/machines`, cpus });
    }
    case "ssh": {
      const { homedir, username } = userInfo();
      const user = { home: homedir, name: username };
      return new SshProvider({ cluster, targets: await resolveSshHosts(config.ssh, user) });
    }
    case "aws":
      return new AwsProvider({
        cluster,
        config: config.aws,
        dir,
        hasHeadInside: config.head === "node",
        isInside: isOnNode,
      });
  }
}
