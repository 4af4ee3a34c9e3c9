import polars from "nodejs-polars";
import { packArchive, readArchive } from "../../cluster/code/archive.ts";
import { parseLock } from "../../cluster/code/lock_file.ts";
import { decodeStored, encodeStored } from "../../cluster/objects/value_file.ts";
import {
  decodeClientFrame,
  decodeExecutorFrame,
  decodeFromExecutorFrame,
  decodeHeadToClientFrame,
  decodeHeadToWorkerFrame,
  decodeWorkerFrame,
  encodeFrame,
} from "../../cluster/protocol/codec.ts";
import { parseLogLines } from "../../cluster/protocol/log_line.ts";
import { clusterInitText } from "../../provision/config/cluster_init.ts";
import { parseClusterConfig } from "../../provision/config/parse_cluster_config.ts";
import { joinParts } from "../../src/base/object_codec.ts";
import { parseManifest } from "../../src/manifest/parse_manifest.ts";
import type { Column } from "../../src/lakehouse/columns.ts";
import { decodeParquet, encodeParquet } from "../../src/lakehouse/parquet/parquet_codec.ts";
import { decodeCatalog } from "../../src/lakehouse/snapshots/catalog.ts";
import { decodeManifest } from "../../src/lakehouse/snapshots/manifest.ts";
import { readPrices } from "../../src/lakehouse/price_files/read_prices.ts";
import { openLakehouse } from "../../src/lakehouse/lakehouse.ts";
import { closesTable, PRICES_SCHEMA } from "../../src/lakehouse/prices/prices_schema.ts";
import { readLedger } from "../../src/ledger/read_ledger.ts";
import { parseRecordProof, proveRecord } from "../../src/ledger/record_proof.ts";
import { CLIENT_MESSAGES, WORKER_MESSAGES } from "../cluster/head/mutations.ts";
import { writeOptimisations } from "../ledger/ledger_files.ts";
import type { FuzzTarget } from "./fuzz.ts";

const NAMES = {
  engines: ["clustered", "flat"],
  profiles: ["equal_weight", "min_variance", "hrp"],
  simulators: ["vectorized"],
  metaProfiles: ["equal_weight"],
};

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (value: string) => new TextEncoder().encode(value);

/** All that takes bytes from files or the network, each with what it should take.
 * @param folder for the files of those that read files; theirs alone */
export async function fuzzTargets(folder: string): Promise<FuzzTarget[]> {
  return [...protocolTargets(), ...configTargets(), ...await dataTargets(folder)];
}

function protocolTargets(): FuzzTarget[] {
  const frames = [...CLIENT_MESSAGES, ...WORKER_MESSAGES].map((message) => encodeFrame([message]));
  const refusals = ["ProtocolError"];
  const toWorker = encodeFrame([{ type: "ProbeStatus" }, { type: "TokenRotated", token: "t" }]);
  const toClient = encodeFrame([{ type: "SubmissionsAllowed", tasks: 5 }]);
  const line = {
    stream: "notice",
    node: "node",
    line: 1,
    time: "2026-01-01T00:00:00.000Z",
    text: "hello",
  };
  return [
    { name: "client-frame", seeds: frames, run: decodeClientFrame, refusals },
    { name: "worker-frame", seeds: frames, run: decodeWorkerFrame, refusals },
    { name: "to-executor", seeds: frames, run: decodeExecutorFrame, refusals },
    { name: "from-executor", seeds: frames, run: decodeFromExecutorFrame, refusals },
    {
      name: "head-to-client",
      seeds: [...frames, toClient],
      run: decodeHeadToClientFrame,
      refusals,
    },
    {
      name: "head-to-worker",
      seeds: [...frames, toWorker],
      run: decodeHeadToWorkerFrame,
      refusals,
    },
    {
      name: "log-lines",
      seeds: [bytesOf(JSON.stringify(line) + "\n")],
      run: (bytes) => parseLogLines(text(bytes), "node"),
      refusals: ["ProtocolError", "Error"],
    },
  ];
}

function configTargets(): FuzzTarget[] {
  const manifest = Deno.readFileSync(
    new URL("../../testdata/production.jsonc", import.meta.url),
  );
  const lock = JSON.stringify({ version: "5", specifiers: { "npm:x@1": "1.0.0" }, npm: {} });
  return [
    {
      name: "manifest",
      seeds: [manifest, bytesOf('{"default_profile": "a", "profiles": {"a": {"prices": "p"}}}')],
      run: (bytes) => parseManifest(text(bytes), "m.jsonc", NAMES),
      refusals: ["UserError"],
    },
    {
      name: "cluster-config",
      seeds: (["aws", "ssh", "local"] as const).map((name) => bytesOf(clusterInitText("c", name))),
      run: (bytes) => parseClusterConfig(text(bytes), "cluster.jsonc"),
      refusals: ["UserError"],
    },
    {
      name: "lock-file",
      seeds: [bytesOf(lock)],
      run: (bytes) => parseLock(text(bytes)),
      refusals: ["Error"],
    },
  ];
}

async function dataTargets(folder: string): Promise<FuzzTarget[]> {
  const values = Float64Array.from({ length: 30 }, (_, i) => 1 + Math.sin(i) ** 2);
  const columns: Column[] = [
    { name: "date", dtype: "date", values: Float64Array.from(values, (_, i) => i * 86_400) },
    { name: "A", dtype: "f64", values },
  ];
  const parquet = await encodeParquet(columns);
  const csv = bytesOf(
    `date,"A",B\n${
      Array.from({ length: 20 }, (_, i) => `2020-01-${i + 10},${i + 1},2.5e0`).join("\n")
    }\n`,
  );
  const lake = openLakehouse(`${folder}/lake`);
  const closes = closesTable(Float64Array.of(1, 2), Float64Array.of(3, 4));
  await lake.writeTables([
    { name: "T", schema: PRICES_SCHEMA, columns: closes, mode: "replace", sourceSha256: null },
  ]);
  const [{ manifest }] = await lake.history();
  const ledger = `${folder}/seed.jsonl`;
  await writeOptimisations(ledger, 1);
  const proof = await proveRecord(ledger, 2);
  const archive = packArchive([
    { path: "a/b.ts", content: bytesOf("export {}"), isExecutable: false },
    { path: "c", content: new Uint8Array(700), isExecutable: true },
  ]);
  const frame = polars.DataFrame({ x: [1, 2, 3], name: ["a", "b", "c"] });
  const stored = [[1, "a", null, { k: values }], "text", frame]
    .map((value) => joinParts(encodeStored(value)));
  const fromFile = (name: string, read: (path: string) => unknown) => async (bytes: Uint8Array) => {
    await Deno.writeFile(`${folder}/${name}`, bytes);
    return await read(`${folder}/${name}`);
  };
  const refusals = ["UserError"];
  return [
    { name: "parquet", seeds: [parquet], run: (bytes) => decodeParquet(bytes, "x"), refusals },
    { name: "prices-csv", seeds: [csv], run: fromFile("p.csv", readPrices), refusals },
    { name: "prices-parquet", seeds: [parquet], run: fromFile("p.parquet", readPrices), refusals },
    {
      name: "lakehouse-catalog",
      seeds: [await Deno.readFile(`${folder}/lake/catalog.json`)],
      run: (bytes) => decodeCatalog(bytes, "c"),
      refusals,
    },
    {
      name: "lakehouse-manifest",
      seeds: [await Deno.readFile(`${folder}/lake/${manifest}`)],
      run: (bytes) => decodeManifest(bytes, "m"),
      refusals,
    },
    {
      name: "ledger",
      seeds: [await Deno.readFile(ledger)],
      run: fromFile("audit.jsonl", (path) => readLedger(path, () => {})),
      refusals,
    },
    {
      name: "ledger-proof",
      seeds: [bytesOf(JSON.stringify(proof))],
      run: (bytes) => parseRecordProof(text(bytes)),
      refusals,
    },
    {
      name: "code-archive",
      seeds: [archive],
      run: (bytes) => readArchive(bytes, { maxBytes: 1 << 20, maxFiles: 100 }),
      refusals: ["ArchiveError"],
    },
    // Whoever reads objects may meet bytes that are none.
    { name: "object", seeds: stored, run: decodeStored, refusals: ["TypeError"] },
  ];
}
