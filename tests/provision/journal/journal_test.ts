import { assertEquals, assertThrows } from "@std/assert";
import { Journal, JOURNAL_FILE, readJournal } from "../../../provision/journal/journal.ts";
import { UserError } from "../../../src/base/errors.ts";

async function inFolder(run: (dir: string) => void): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    run(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function begin(journal: Journal): void {
  journal.append({ type: "ClusterBegun", cluster: "c", generation: "g" });
  journal.append({ type: "RegionUsed", region: "west" });
}

Deno.test("Journal finds its state again", () =>
  inFolder((dir) => {
    {
      using journal = new Journal(dir);
      begin(journal);
    }
    using again = new Journal(dir);
    assertEquals(again.state.cluster, "c");
    assertEquals([...again.state.regions], ["west"]);
  }));

Deno.test("Journal cuts off the line that a dying writer left unfinished", () =>
  inFolder((dir) => {
    const path = `${dir}/${JOURNAL_FILE}`;
    {
      using journal = new Journal(dir);
      begin(journal);
    }
    Deno.writeTextFileSync(path, '{"type":"RegionUsed","regi', { append: true });
    {
      using journal = new Journal(dir);
      journal.append({ type: "RegionUsed", region: "east" });
    }
    const { events } = readJournal(path);
    assertEquals(events.map(({ type }) => type), ["ClusterBegun", "RegionUsed", "RegionUsed"]);
  }));

Deno.test("Journal refuses to guess at a broken line before the last", () =>
  inFolder((dir) => {
    Deno.writeTextFileSync(`${dir}/${JOURNAL_FILE}`, "oops\n{}\n");
    const error = assertThrows(() => new Journal(dir), UserError, "Cannot read line 1");
    assertEquals(error.hint, "Move the file away: machines are found again by their tags.");
    // The lock was given back.
    Deno.removeSync(`${dir}/${JOURNAL_FILE}`);
    new Journal(dir)[Symbol.dispose]();
  }));

Deno.test("Journal has one writer", () =>
  inFolder((dir) => {
    using _journal = new Journal(dir);
    assertThrows(() => new Journal(dir), UserError, `process ${Deno.pid} is writing it`);
  }));
