import { AUDIT_ANCHOR } from "./audit_anchor.ts";
import { AUDIT_CHECK, AUDIT_PROVE } from "./audit_prove.ts";
import { AUDIT_QUERY } from "./audit_query.ts";
import { AUDIT_REPLAY } from "./audit_replay.ts";
import { AUDIT_SHOW } from "./audit_show.ts";
import { AUDIT_VERIFY } from "./audit_verify.ts";
import { type CommandFamily, PROCESS_TERMINAL, runFamily } from "./command_family.ts";

/** The command `audit`. */
export const AUDIT: CommandFamily = {
  name: "audit",
  takes: "RUN_ID [flags]",
  purpose: "Reads the audit ledger of a run: every decision, chained by hashes.",
  commands: {
    verify: AUDIT_VERIFY,
    show: AUDIT_SHOW,
    query: AUDIT_QUERY,
    replay: AUDIT_REPLAY,
    prove: AUDIT_PROVE,
    check: AUDIT_CHECK,
    anchor: AUDIT_ANCHOR,
  },
};

if (import.meta.main) Deno.exit(await runFamily(AUDIT, Deno.args, PROCESS_TERMINAL));
