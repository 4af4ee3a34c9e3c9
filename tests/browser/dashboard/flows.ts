// Flows and an actor that tests of the dashboard deploy, run and look at.
import { approval, artifact, flow, runLog, task } from "../../../mod.ts";

const module = import.meta.url;
const POLL_MS = 20;

const NOTES = `# Windows that had no solution

The **second** window was *infeasible*: its covariance had rank \`40 of 50\`, see the
[log](https://example.org/log) and [this](javascript:alert(1)).

- kept its holdings
- stands in the remarks

1. shrink
2. try again

| Window | Rank |
| ------ | ---: |
| 2      |   40 |

> <img src=x onerror="document.title='broken'"> is text.

\`\`\`
rank(covariance) < n
\`\`\`
`;
const DOT =
  `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><rect width="120" height="40" fill="#0b5cad"/></svg>`;

/** Tells half of its progress, waits for a file, and tells the rest. */
export const fit = task("fit", async (gate: string) => {
  artifact.progress("fit", 0.5, { title: "Fitting windows" });
  await untilThere(gate);
  artifact.progress("fit", 1, { title: "Fitting windows" });
  return 1;
}, { run: "cluster", module });

/** Leaves one artifact of each kind, asks whether to go on, and fits. */
export const showcase = flow("showcase", async ({ gate }: { gate: string }) => {
  runLog("the showcase begins");
  artifact.markdown("notes", NOTES, { title: "Why a window was left out" });
  artifact.table("weights", [{ symbol: "AAPL", weight: 0.25 }, { symbol: "MSFT", weight: 0.75 }]);
  artifact.link("source", "https://example.org/prices", { title: "Source of prices" });
  artifact.progress("windows", 0.25, { title: "Windows done" });
  artifact.image("dot", DOT, "image/svg+xml", { title: "A rectangle" });
  await approval("trade", { prompt: "Send the orders?" });
  await untilThere(`${gate}.pause`);
  return await fit(gate);
}, { module });

/** Fails while a file is there, and is well without it. */
export const brittle = flow("brittle", async (path: string) => {
  if (await isThere(path)) throw new Error("the disk was full");
  return "well";
}, { module });

/** Ends at once. */
export const quick = flow("quick", () => Promise.resolve("done"), { module });

/** Counts. */
export class Counter {
  #count = 0;

  /** One more. */
  add(): number {
    return ++this.#count;
  }
}

async function untilThere(path: string): Promise<void> {
  while (!await isThere(path)) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
