import type { FamilyCommand } from "./command_family.ts";
import { UserError } from "../base/errors.ts";
import { systemClock } from "../base/clock.ts";
import { connectS3, parseS3Url } from "../lakehouse/store/s3_location.ts";
import { anchorLedger, type LedgerAnchor } from "../ledger/mod.ts";
import { countFlag, findRunLedger, OUT_FLAG } from "./audit_command.ts";
import { EXIT_CODES } from "./exit_codes.ts";

const DEFAULT_RETAIN_DAYS = 3_650;

/** `audit anchor`: keeps the head where the writer of the ledger cannot reach. */
export const AUDIT_ANCHOR: FamilyCommand = {
  brief: "keeps the head hash in S3 under Object Lock",
  spec: {
    command: "deno task audit anchor",
    summary:
      "Keeps what the audit ledger of a run comes to, its number of records, head hash and Merkle root, in S3 under Object Lock.",
    positionals: ["RUN_ID"],
    flags: [
      OUT_FLAG,
      { name: "to", kind: "value", placeholder: "s3://BUCKET/PREFIX", help: "Where to." },
      {
        name: "retain-days",
        kind: "value",
        placeholder: "N",
        help: `How long nobody can remove it (default: ${DEFAULT_RETAIN_DAYS}).`,
      },
      {
        name: "governance",
        kind: "switch",
        help: "Lock it in governance mode, where a permission of its own can remove it.",
      },
    ],
    epilogue: [
      "Credentials, region and endpoint (AWS_ENDPOINT_URL_S3) are found as by any tool of AWS. The bucket needs Object Lock.",
      "Exit codes: 0 kept · 2 the input or the ledger is bad, or the store refused.",
    ],
  },
  run: async (parsed, terminal) => {
    const to = parsed.flags.get("to");
    if (to === undefined) {
      throw new UserError("command/missing", "Cannot anchor without --to s3://BUCKET/PREFIX");
    }
    const { path } = await findRunLedger(parsed);
    const retainDays = countFlag(parsed, "retain-days") ?? DEFAULT_RETAIN_DAYS;
    const mode = parsed.flags.has("governance") ? "GOVERNANCE" : "COMPLIANCE";
    const head = await withS3Anchor(
      to,
      (anchor) => anchorLedger(path, anchor, systemClock.nowMs()),
      { retainDays, mode },
    );
    terminal.out(`Records:   ${head.records}`);
    terminal.out(`Head hash: ${head.headHash}`);
    terminal.out(`Root:      ${head.root}`);
    terminal.out(`Kept in ${to} for ${retainDays} days.`);
    return EXIT_CODES.ok;
  },
};

/** How heads are locked. */
interface Lock {
  readonly retainDays: number;
  readonly mode: "COMPLIANCE" | "GOVERNANCE";
}

/** Uses heads that are kept in S3.
 * @param url for instance `s3://audit/ledgers`
 * @param lock of heads that are put
 * @throws {UserError} for a URL of another kind */
export async function withS3Anchor<T>(
  url: string,
  use: (anchor: LedgerAnchor) => Promise<T>,
  lock: Lock = { retainDays: DEFAULT_RETAIN_DAYS, mode: "COMPLIANCE" },
): Promise<T> {
  const { bucket, prefix } = parseS3Url(url);
  const { S3Anchor } = await import("../ledger/s3_anchor.ts");
  const client = await connectS3();
  try {
    return await use(new S3Anchor(client, { bucket, prefix, ...lock }));
  } finally {
    client.destroy();
  }
}
