import { resolve } from "@std/path";
import { errorMessage, UserError } from "../base/errors.ts";
import type { FlagSpec, ParsedFlags } from "./flags.ts";
import {
  clusterDirOf,
  requireCluster,
  runningKeeper,
  tokenFileOf,
} from "./provision/keeper_info.ts";

/** Where a head keeps its state when nothing else is said. */
export const DEFAULT_HEAD_DIR = "artifacts/head";
/** The port of a head when nothing else is said. */
export const DEFAULT_PORT = 7700;
/** The name of the token's file in a head's folder. */
export const TOKEN_FILE = "token";

/** The name of the file beside it with what lets people look only. */
export const VIEWER_TOKEN_FILE = "viewer_token";

/** A running head, and what lets us in. */
export interface ClusterAddress {
  readonly headUrl: string;
  /** Reads the token's file, so that whoever runs for long goes on when it is rotated. */
  readonly token: () => string;
  /** Absolute. */
  readonly tokenFile: string;
}

/** The flag that names a cluster which `cluster:up` brought up. */
export const CLUSTER_FLAG: FlagSpec = {
  name: "cluster",
  kind: "value",
  placeholder: "NAME",
  help: "A cluster that cluster:up brought up: its name, or its folder.",
};

/** The flags that name a running head. */
export const HEAD_FLAGS: readonly FlagSpec[] = [
  {
    name: "head",
    kind: "value",
    placeholder: "URL",
    help: `A running head, for instance http://127.0.0.1:${DEFAULT_PORT}.`,
  },
  {
    name: "token-file",
    kind: "value",
    placeholder: "FILE",
    help: `Its token (default: ${DEFAULT_HEAD_DIR}/${TOKEN_FILE}).`,
  },
  CLUSTER_FLAG,
];

/** Whether the flags name a running head. */
export function namesHead(flags: ParsedFlags["flags"]): boolean {
  return flags.has("head") || flags.has("cluster");
}

/** Reads the flags that name a running head, or a cluster, whose head it is; without any it is the one that listens here by default.
 * @throws {UserError} for what is no address, for a token that cannot be read, and for a cluster that is not up */
export function readClusterAddress(flags: ParsedFlags["flags"]): ClusterAddress {
  const cluster = flags.get("cluster");
  if (cluster !== undefined) {
    if (flags.has("head") || flags.has("token-file")) {
      throw new UserError(
        "command/conflict",
        "Cannot use --cluster together with --head or --token-file",
        {
          hint: "--cluster finds the head and the token of a cluster by itself.",
        },
      );
    }
    return addressOfCluster(cluster);
  }
  const headUrl = flags.get("head") ?? `http://127.0.0.1:${DEFAULT_PORT}`;
  if (!/^https?:$/.test(URL.parse(headUrl)?.protocol ?? "")) {
    throw new UserError(
      "head/bad-address",
      `Cannot use ${JSON.stringify(headUrl)} as the address of a head`,
      {
        hint: `An address looks like http://127.0.0.1:${DEFAULT_PORT}.`,
      },
    );
  }
  const tokenFile = flags.get("token-file") ?? `${DEFAULT_HEAD_DIR}/${TOKEN_FILE}`;
  try {
    return addressOf(headUrl.replace(/\/+$/, ""), resolve(tokenFile));
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound ? "no such file" : errorMessage(cause);
    throw new UserError(
      "head/no-token",
      `Cannot read the cluster's token from ${tokenFile}: ${reason}`,
      {
        hint: "The head says at its start where its token is; give that with --token-file.",
        cause,
      },
    );
  }
}

function addressOfCluster(name: string): ClusterAddress {
  const dir = clusterDirOf(name);
  requireCluster(name, dir, tokenFileOf(dir));
  const keeper = runningKeeper({ dir });
  if (keeper === undefined) {
    throw new UserError(
      "cluster/not-up",
      `Cannot reach the cluster ${name}: it is not up, no keeper runs`,
      {
        hint: `deno task cluster:up --cluster ${name} brings it up again.`,
      },
    );
  }
  return addressOf(keeper.headUrl, tokenFileOf(dir));
}

function addressOf(headUrl: string, tokenFile: string): ClusterAddress {
  const read = () => Deno.readTextFileSync(tokenFile).trim();
  let known = read();
  const token = () => {
    try {
      known = read();
    } catch {
      // Its folder was taken away under us: what was read last may still open the door.
    }
    return known;
  };
  return { headUrl, token, tokenFile };
}
