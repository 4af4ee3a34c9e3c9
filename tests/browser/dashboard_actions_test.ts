import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { ClusterClient } from "../../cluster/client/mod.ts";
import { CommandCluster } from "../integration/command_cluster.ts";
import { withFolder } from "../integration/cli.ts";
import { deploy } from "../integration/flow/serving.ts";
import { findChromium, openPage } from "./chromium.ts";
import { Counter } from "./dashboard/flows.ts";
import { DESKTOP, Driver, TELEPHONE } from "./dashboard/driver.ts";

const CHROMIUM = findChromium();
const WHY_SKIPPED = CHROMIUM === undefined
  ? " (skipped: no Chromium; set TV_TEST_CHROMIUM to its path)"
  : "";
/** Not while the test runs. */
const RARELY = "30 6 29 2 *";
const FLOWS = new URL("dashboard/flows.ts", import.meta.url);

Deno.test({
  name:
    `the dashboard runs, pauses, approves, retries and cancels flows, drains nodes, shows actors${WHY_SKIPPED}`,
  ignore: CHROMIUM === undefined,
  fn: (t) =>
    withFolder(async (folder) => {
      const cluster = new CommandCluster(folder);
      const out = join(folder, "out");
      const gate = join(folder, "gate");
      const full = join(folder, "full");
      await Deno.writeTextFile(full, "");
      await deployAll(out, gate, full);
      await cluster.startHead("0", "--flows");
      const worker = await cluster.startWorker("--cpus=3");
      const client = cluster.connect();
      await using page = await openPage(CHROMIUM ?? "");
      const driver = new Driver(page);
      const token = (await Deno.readTextFile(cluster.address.token_file)).trim();
      await page.open(`${cluster.address.url}/dashboard#token=${token}`, DESKTOP);
      await driver.reads("Overview");
      await step(
        t,
        "deployments say when they run next, and are paused",
        () => holdNightly(driver),
      );
      await step(t, "one is run now, and says what it leaves", () => runShowcase(driver));
      await step(t, "what it asks is approved", () => answer(driver, "Approve"));
      await step(t, "paused, it starts nothing; resumed, it goes on", async () => {
        await driver.click(".title button", "Pause");
        await confirm(driver, "Pause");
        await driver.until(statusIs("paused"));
        await Deno.writeTextFile(`${gate}.pause`, "");
        await driver.reads("No task was called yet");
        await driver.click(".title button", "Resume");
        await confirm(driver, "Resume");
        await driver.until(statusIs("running"));
      });
      await step(t, "a task tells how far it is, while it runs", async () => {
        await driver.reads("Under way");
        await driver.until(`document.querySelector(".under-way")?.innerText.includes("50 %")`);
        await driver.isSound("a run under way");
        await Deno.writeTextFile(gate, "");
        await driver.until(statusIs("completed"));
      });
      await step(t, "a run that failed is retried", () => retryBrittle(driver, full));
      await step(t, "a run is cancelled", () => cancelShowcase(driver, gate));
      await step(t, "an actor is shown, with its calls", () => showActor(driver, client));
      await step(t, "a node is drained", () => drainNode(driver));
      assertEquals(driver.complaints(), []);
      await client[Symbol.asyncDispose]();
      await worker.result();
      cluster.head.kill("SIGTERM");
      await cluster.head.result();
    }),
});

async function deployAll(out: string, gate: string, full: string): Promise<void> {
  await Deno.mkdir(out);
  const given = JSON.stringify({ gate });
  await deploy(out, "nightly", `${FLOWS.pathname}#showcase`, "--params", given, "--cron", RARELY);
  await deploy(out, "brittle", `${FLOWS.pathname}#brittle`, "--params", JSON.stringify(full));
}

async function holdNightly(driver: Driver): Promise<void> {
  await driver.go("#/deployments");
  await driver.reads(`${RARELY} UTC`);
  await driver.until(`/in \\d+ d/.test(document.body.innerText)`);
  await driver.click("tr:nth-child(2) button", "Pause");
  await confirm(driver, "Pause");
  await driver.until(`document.querySelector("tr:nth-child(2) .status")?.innerText === "Paused"`);
  await driver.isSound("the deployments");
  await driver.page.show(TELEPHONE);
  await driver.isSound("the deployments on a telephone");
  await driver.page.show(DESKTOP);
}

async function runShowcase(driver: Driver): Promise<void> {
  await driver.go("#/deployments");
  await driver.click("tr:nth-child(2) button", "Run now");
  await confirm(driver, "Run now");
  await driver.click("tr:nth-child(2) td:nth-child(5) a");
  await driver.reads("Send the orders?");
  await driver.click(".tabs a", "Artifacts");
  await driver.reads("Windows that had no solution");
  await driver.until(`document.querySelector(".markdown table td.number")?.innerText === "40"`);
  await driver.until(`document.querySelector(".artifact img")?.naturalWidth === 120`);
  // What users write is text: no element of theirs, and no address that is a script.
  await driver.reads("<img src=x");
  const addresses = await driver.page.evaluate<string[]>(
    `[...document.querySelectorAll(".artifact a")].map(({ href }) => new URL(href).protocol)`,
  );
  assertEquals(addresses, ["https:", "https:"]);
  await driver.isSound("artifacts of every kind");
  await driver.page.show(TELEPHONE);
  await driver.isSound("artifacts of every kind on a telephone");
  await driver.page.show(DESKTOP);
  await driver.click(".tabs a", "Stages");
}

async function answer(driver: Driver, label: string): Promise<void> {
  await driver.click(".approval button", label);
  await confirm(driver, label);
  await driver.until(statusIs("running"));
  await driver.until(`document.querySelector(".approval") === null`);
}

async function retryBrittle(driver: Driver, full: string): Promise<void> {
  await driver.go("#/deployments");
  await driver.click("tr:nth-child(1) button", "Run now");
  await confirm(driver, "Run now");
  await driver.until(
    `document.querySelector("tr:nth-child(1) td:nth-child(5)")?.innerText.startsWith("Failed")`,
  );
  await driver.click("tr:nth-child(1) td:nth-child(5) a");
  await driver.until(
    `document.querySelector(".cause")?.innerText.includes("the disk was full")`,
  );
  await Deno.remove(full);
  await driver.click(".title button", "Retry");
  await confirm(driver, "Retry");
  await driver.until(statusIs("completed"));
}

async function cancelShowcase(driver: Driver, gate: string): Promise<void> {
  await Deno.remove(gate);
  await driver.go("#/deployments");
  await driver.click("tr:nth-child(2) button", "Run now");
  await confirm(driver, "Run now");
  await driver.until(
    `document.querySelector("tr:nth-child(2) td:nth-child(5)")?.innerText.startsWith("Paused")`,
  );
  await driver.click("tr:nth-child(2) td:nth-child(5) a");
  await driver.click(".title button", "Cancel");
  await confirm(driver, "Cancel");
  await driver.until(statusIs("cancelled"));
  await driver.until(`document.querySelector(".approval") === null`);
}

async function showActor(driver: Driver, client: ClusterClient): Promise<void> {
  const fn = { module: FLOWS.href, exportName: Counter.name };
  const counter = client.actor<Counter>(fn, [], { name: "windows done" });
  assertEquals(await counter.call.add(), 1);
  await driver.go("#/actors");
  await driver.reads("windows done");
  await driver.until(`document.querySelector("td .status")?.innerText === "Alive"`);
  await driver.isSound("an actor");
  await driver.click("td a.id");
  await driver.reads("Actors that live here");
}

async function drainNode(driver: Driver): Promise<void> {
  await driver.click(".title button", "Drain");
  await confirm(driver, "Drain");
  await driver.until(`document.querySelector(".title .status")?.innerText.match(/draining|dead/i)`);
}

async function confirm(driver: Driver, label: string): Promise<void> {
  await driver.click("dialog[open] button.solid", label);
}

function statusIs(state: string): string {
  return `document.querySelector(".title .status")?.innerText.toLowerCase() === "${state}"`;
}

/** A step without which those after it would only wait in vain. */
async function step(t: Deno.TestContext, name: string, fn: () => Promise<void>): Promise<void> {
  if (!await t.step(name, fn)) throw new Error(`Cannot go on: ${name}: failed`);
}
