import { formatSize } from "../../base/size_text.ts";
import { type Finding, ill, ok } from "./finding.ts";

/** What a machine is like, as far as Tradewind minds. */
export interface MachineFacts {
  /** For instance `2.9.6`. */
  readonly denoVersion: string;
  /** Why polars cannot be loaded; undefined when it can. */
  readonly polarsError: string | undefined;
  /** Free in /dev/shm; undefined where there is none. */
  readonly sharedMemoryBytes: number | undefined;
  /** Free on the disk of the working folder; undefined when it cannot be told. */
  readonly diskBytes: number | undefined;
  /** Why the working folder cannot be written; undefined when it can. */
  readonly writeError: string | undefined;
  readonly availableMemoryBytes: number;
  readonly totalMemoryBytes: number;
  readonly cores: number;
  /** Files that a process may have open; undefined when it cannot be told. */
  readonly maxOpenFiles: number | undefined;
  /** Processes that the user may have; undefined when it cannot be told. */
  readonly maxProcesses: number | undefined;
  /** Whether there is a key or an agent for SSH. */
  readonly hasSshKey: boolean;
  /** Where credentials for AWS were seen; undefined when nowhere. Their values are not looked at. */
  readonly awsCredentials: string | undefined;
  readonly nowMs: number;
  /** When the newest of our own files was written. */
  readonly newestFileMs: number;
  /** Who listens at the port of heads. */
  readonly port: { readonly number: number; readonly state: "free" | "head" | "other" };
}

const MIN_DENO: readonly [major: number, minor: number] = [2, 9];
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const DAY_MS = 86_400_000;
/** A node has a few sockets and pipes an executor, and files of objects that it maps. */
const MIN_OPEN_FILES = 1_024;
const MIN_PROCESSES = 512;

/** PURE: what is well with a machine, what is not, and how it is mended. */
export function judgeMachine(facts: MachineFacts): Finding[] {
  return [
    judgeDeno(facts),
    judgePolars(facts),
    judgeMemory(facts),
    judgeSharedMemory(facts),
    judgeDisk(facts),
    judgeLimit("open files", facts.maxOpenFiles, MIN_OPEN_FILES, "ulimit -n 65536"),
    judgeLimit("processes", facts.maxProcesses, MIN_PROCESSES, "ulimit -u 4096"),
    judgeClock(facts),
    judgePort(facts),
    facts.hasSshKey
      ? ok("ssh", "a key or an agent is there")
      : ill("ssh", "note", "no key, no agent", "Only clusters over SSH need one: ssh-keygen."),
    facts.awsCredentials !== undefined ? ok("aws", `credentials in ${facts.awsCredentials}`) : ill(
      "aws",
      "note",
      "no credentials",
      "Only EC2 and S3 need them: aws configure, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    ),
  ];
}

function judgeDeno({ denoVersion }: MachineFacts): Finding {
  const [major, minor] = denoVersion.split(".").map(Number);
  const isNew = major > MIN_DENO[0] || (major === MIN_DENO[0] && minor >= MIN_DENO[1]);
  if (isNew) return ok("deno", denoVersion);
  const wanted = MIN_DENO.join(".");
  return ill("deno", "error", `${denoVersion} is older than ${wanted}`, "deno upgrade");
}

function judgePolars({ polarsError }: MachineFacts): Finding {
  if (polarsError === undefined) return ok("polars", "loads, and computes");
  return ill(
    "polars",
    "error",
    polarsError,
    "deno install installs the packages of the lock file; there is a build for Linux, macOS and Windows.",
  );
}

function judgeMemory(facts: MachineFacts): Finding {
  const { availableMemoryBytes, totalMemoryBytes, cores } = facts;
  const found = `${formatSize(availableMemoryBytes)} of ${
    formatSize(totalMemoryBytes)
  } free, ${cores} cores`;
  if (availableMemoryBytes >= GIB) return ok("memory", found);
  return ill("memory", "warning", found, "An executor takes 200 MiB: use fewer --workers.");
}

function judgeSharedMemory({ sharedMemoryBytes: bytes }: MachineFacts): Finding {
  const mend = "Objects lie on the disk instead. In a container: --shm-size=2g.";
  if (bytes === undefined) return ill("/dev/shm", "note", "is not there", mend);
  const found = `${formatSize(bytes)} free`;
  return bytes >= 256 * MIB ? ok("/dev/shm", found) : ill("/dev/shm", "warning", found, mend);
}

function judgeDisk({ diskBytes, writeError }: MachineFacts): Finding {
  if (writeError !== undefined) {
    return ill("disk", "error", writeError, "Work in a folder that you may write.");
  }
  if (diskBytes === undefined) return ok("disk", "can be written");
  const found = `${formatSize(diskBytes)} free`;
  const mend = "deno task lakehouse gc; remove old runs below artifacts/runs.";
  if (diskBytes < 512 * MIB) return ill("disk", "error", found, mend);
  return diskBytes < 5 * GIB ? ill("disk", "warning", found, mend) : ok("disk", found);
}

function judgeLimit(
  check: string,
  limit: number | undefined,
  atLeast: number,
  command: string,
): Finding {
  if (limit === undefined) return ok(check, "no limit is known");
  const found = limit === Infinity ? "no limit" : `${limit}`;
  return limit >= atLeast ? ok(check, found) : ill(check, "warning", found, command);
}

function judgeClock({ nowMs, newestFileMs }: MachineFacts): Finding {
  const found = new Date(nowMs).toISOString();
  // Of the network nothing is asked: a head tells how far the clocks are apart.
  if (nowMs >= newestFileMs - DAY_MS) return ok("clock", found);
  return ill(
    "clock",
    "error",
    `${found} is before Tradewind's own files were written`,
    "Set it: timedatectl set-ntp true. Signatures for AWS fail when it is minutes off.",
  );
}

function judgePort({ port: { number, state } }: MachineFacts): Finding {
  switch (state) {
    case "free":
      return ok("port", `${number} is free`);
    case "head":
      return ok("port", `a head listens at ${number}`);
    case "other":
      return ill(
        "port",
        "warning",
        `something else listens at ${number}`,
        "deno task head --port N takes another one; 0 takes any.",
      );
  }
}
