import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { findingsText, summaryText } from "../../../src/cli/doctor/finding.ts";
import { limitOf } from "../../../src/cli/doctor/look_at_machine.ts";
import { judgeMachine, type MachineFacts } from "../../../src/cli/doctor/machine.ts";

const GIB = 2 ** 30;

const HEALTHY: MachineFacts = {
  denoVersion: "2.9.6",
  polarsError: undefined,
  sharedMemoryBytes: 4 * GIB,
  diskBytes: 100 * GIB,
  writeError: undefined,
  availableMemoryBytes: 8 * GIB,
  totalMemoryBytes: 16 * GIB,
  cores: 4,
  maxOpenFiles: 65_536,
  maxProcesses: Infinity,
  hasSshKey: true,
  awsCredentials: "AWS_PROFILE",
  nowMs: 1_800_000_000_000,
  newestFileMs: 1_790_000_000_000,
  port: { number: 7700, state: "free" },
};

/** What is not well with a machine, as `check level`. */
function illsOf(facts: Partial<MachineFacts>): string[] {
  return judgeMachine({ ...HEALTHY, ...facts }).filter(({ level }) => level !== "ok")
    .map(({ check, level, mend }) => {
      assert(mend !== undefined && mend.length > 10, `${check} says nothing of what to do`);
      return `${check} ${level}`;
    });
}

Deno.test("judgeMachine() finds nothing on a healthy machine, nor where a limit cannot be told", () => {
  assertEquals(illsOf({}), []);
  assertEquals(illsOf({ maxOpenFiles: undefined, maxProcesses: undefined }), []);
  assertEquals(illsOf({ diskBytes: undefined, port: { number: 7700, state: "head" } }), []);
  for (const denoVersion of ["2.10.0", "3.0.1"]) assertEquals(illsOf({ denoVersion }), []);
});

Deno.test("judgeMachine() says what is wrong, how bad it is, and what to do", () => {
  const cases: [Partial<MachineFacts>, string][] = [
    [{ denoVersion: "2.8.9" }, "deno error"],
    [{ denoVersion: "1.46.3" }, "deno error"],
    [{ polarsError: "does not load: no such file" }, "polars error"],
    [{ availableMemoryBytes: GIB / 2 }, "memory warning"],
    [{ sharedMemoryBytes: undefined }, "/dev/shm note"],
    [{ sharedMemoryBytes: 64 * 2 ** 20 }, "/dev/shm warning"],
    [{ diskBytes: 2 * GIB }, "disk warning"],
    [{ diskBytes: GIB / 4 }, "disk error"],
    [{ writeError: "cannot be written: read-only" }, "disk error"],
    [{ maxOpenFiles: 256 }, "open files warning"],
    [{ maxProcesses: 100 }, "processes warning"],
    [{ nowMs: 0 }, "clock error"],
    [{ port: { number: 7700, state: "other" } }, "port warning"],
    [{ hasSshKey: false }, "ssh note"],
    [{ awsCredentials: undefined }, "aws note"],
  ];
  for (const [facts, ill] of cases) assertEquals(illsOf(facts), [ill]);
});

Deno.test("limitOf() reads soft limits, none where there is no such line", () => {
  const limits = "Limit                     Soft Limit           Hard Limit           Units\n" +
    "Max processes             unlimited            unlimited            processes\n" +
    "Max open files            1024                 524288               files\n";
  assertEquals(limitOf(limits, "Max open files"), 1_024);
  assertEquals(limitOf(limits, "Max processes"), Infinity);
  assertEquals(limitOf(limits, "Max stack size"), undefined);
  assertEquals(limitOf("", "Max open files"), undefined);
});

Deno.test("findings are lines with what to do below, and never move the cursor", () => {
  const findings = judgeMachine({ ...HEALTHY, polarsError: "bad\x1b[2J\nthing" });
  const text = findingsText("This machine", findings, false);
  assertStringIncludes(text, "  error    polars      bad [2J thing\n");
  assertStringIncludes(text, "\n                       → deno install");
  assertEquals(summaryText(findings), "1 error, 0 warnings.\n");
  assertEquals(summaryText(judgeMachine(HEALTHY)), "All is well.\n");
  assertStringIncludes(findingsText("x", findings, true), "\x1b[31merror   \x1b[39m");
});
