/** Speed of the ledger: `deno run -A tests/bench/ledger_bench.ts [--records N]`. Prints a Markdown table: appends by
 * the policy of syncing, then what reads the whole file; processor time is that of all threads. */
import { cpuUsage } from "node:process";
import { parseArgs } from "@std/cli/parse-args";
import { openLedger, proveRecord, queryLedger, verifyLedger } from "../../src/ledger/mod.ts";

const DEFAULT_RECORDS = 1_000_000;
/** Fewer: each turn of the event loop waits for the disk. */
const SYNCED_RECORDS = 20_000;
/** Steps that begin and end in one turn of the event loop. */
const STEPS_PER_TURN = 50;

const GENESIS = {
  runId: "bench",
  profile: "bench",
  versions: {},
  manifestHash: "0".repeat(64),
  lockHash: "0".repeat(64),
  gitHash: null,
};

/** Records of optimisations, as a production run has them: window, engine, profile, dates, ten weights. */
async function append(
  path: string,
  records: number,
  fsync: "at-close" | "every-write",
): Promise<void> {
  const ledger = await openLedger(path, GENESIS, { fsync });
  const returns = "a".repeat(64);
  for (let i = 0; i < records / 2; i++) {
    const context = {
      window: i % 500,
      engine: "clustered",
      profile: "hrp",
      train_start: "2020-01-01T00:00:00.000Z",
      train_end: "2020-12-31T00:00:00.000Z",
    };
    const token = ledger.intent("optimise", context, { returns });
    const weights = Object.fromEntries(
      Array.from({ length: 10 }, (_, asset) => [`ASSET${asset}`, 1 / (asset + i + 2)]),
    );
    ledger.outcome(token, { status: "completed", outputs: { status: "optimal", weights } });
    if (i % STEPS_PER_TURN === 0) await Promise.resolve();
  }
  ledger.close();
}

async function row(label: string, records: number, work: () => Promise<unknown>): Promise<string> {
  const startedAt = performance.now();
  const processorBefore = cpuUsage();
  await work();
  const { user, system } = cpuUsage(processorBefore);
  const seconds = (performance.now() - startedAt) / 1000;
  const cells = [
    label,
    records.toLocaleString("en-US"),
    seconds.toFixed(2),
    Math.round(records / seconds).toLocaleString("en-US"),
    ((user + system) / records).toFixed(1),
  ];
  return `| ${cells.join(" | ")} |`;
}

const flags = parseArgs(Deno.args, { string: ["records"] });
const records = Number(flags.records ?? DEFAULT_RECORDS);
const folder = await Deno.makeTempDir();
try {
  const path = `${folder}/audit.jsonl`;
  const synced = `${folder}/synced.jsonl`;
  const rows = [
    await row("append, synced at close", records, () => append(path, records, "at-close")),
    await row(
      `append, synced every ${2 * STEPS_PER_TURN} records`,
      SYNCED_RECORDS,
      () => append(synced, SYNCED_RECORDS, "every-write"),
    ),
    await row("verify", records, () => verifyLedger(path)),
    await row("query: one window", records, () => queryLedger(path, { window: "7" })),
    await row("prove one record", records, () => proveRecord(path, records)),
  ];
  const { size } = await Deno.stat(path);
  // deno-lint-ignore no-console -- a bench prints its table
  console.log([
    `${(size / records).toFixed(0)} bytes a record.`,
    "",
    "| Work | Records | Wall s | Records/s | Processor µs a record |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...rows,
  ].join("\n"));
} finally {
  await Deno.remove(folder, { recursive: true });
}
