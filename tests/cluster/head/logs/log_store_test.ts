import { assertEquals } from "@std/assert";
import { LogStore } from "../../../../cluster/head/logs/log_store.ts";
import type { LogFilter } from "../../../../cluster/head/logs/log_filter.ts";
import type { LogLine } from "../../../../cluster/protocol/log_line.ts";

const ALL: LogFilter = { run: undefined, task: undefined, node: undefined, sinceMs: undefined };

function output(line: number, about: Partial<LogLine> = {}): LogLine {
  return {
    stream: "stdout",
    time: "2026-11-24T10:00:00.000Z",
    node: "w1",
    line,
    run: "r1",
    task: "c/1",
    attempt: 1,
    name: "f",
    text: `text ${line}`,
    ...about,
  } as LogLine;
}

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function textsAfter(store: LogStore, seq: number, filter: LogFilter = ALL) {
  return (await store.after(seq, filter, "oldest")).lines.map(({ text }) => text);
}

Deno.test("LogStore takes a line that is sent again once, also over a restart, and numbers go on", () =>
  withFolder(async (folder) => {
    const store = new LogStore(folder);
    store.append([output(1), output(2)]);
    store.append([output(2), output(3)]);
    store.notice("the head says");
    assertEquals(await textsAfter(store, 0), ["text 1", "text 2", "text 3", "the head says"]);
    assertEquals(store.lastSeq, 4);

    const again = new LogStore(folder);
    again.append([output(3), output(4), output(1, { node: "w2" })]);
    again.notice("and again");
    const { lines, cursor } = await again.after(3, ALL, "oldest");
    assertEquals(lines.map(({ seq, text }) => [seq, text]), [
      [4, "the head says"],
      [5, "text 4"],
      [6, "text 1"],
      [7, "and again"],
    ]);
    assertEquals(cursor, 7);
  }));

Deno.test("LogStore finds lines by run, task, node and time, in memory and in its files alike", () =>
  withFolder(async (folder) => {
    const lines = [
      output(1),
      output(2, { run: "r/2", task: "c/2", name: "g" }),
      output(3, { time: "2026-11-23T23:00:00.000Z" }),
      output(1, { node: "w2" }),
    ];
    const store = new LogStore(folder);
    store.append(lines);
    store.notice("a notice");
    const filters: [Partial<LogFilter>, string[]][] = [
      [{ run: "r/2" }, ["text 2"]],
      [{ task: "c/2" }, ["text 2"]],
      [{ task: "f", node: "w2" }, ["text 1"]],
      [{ node: "head" }, ["a notice"]],
      [{ run: "r1", sinceMs: Date.parse("2026-11-24T00:00:00Z") }, ["text 1", "text 1"]],
      [{ run: "r3" }, []],
    ];
    for (const each of [store, new LogStore(folder)]) {
      for (const [filter, texts] of filters) {
        assertEquals(
          await textsAfter(each, 0, { ...ALL, ...filter }),
          texts,
          JSON.stringify(filter),
        );
      }
    }
  }));

Deno.test("LogStore gives the newest of too many lines, or the oldest with a number to go on from", () =>
  withFolder(async (folder) => {
    const store = new LogStore(folder);
    for (let batch = 0; batch < 5; batch++) {
      store.append(Array.from({ length: 5_000 }, (_, i) => output(batch * 5_000 + i + 1)));
    }
    const newest = await store.after(0, ALL, "newest");
    assertEquals([newest.lines.length, newest.lines[0].seq, newest.cursor], [
      10_000,
      15_001,
      25_000,
    ]);
    const seen: number[] = [];
    let seq = 0;
    while (seq < store.lastSeq) {
      const part = await store.after(seq, ALL, "oldest");
      seen.push(...part.lines.map((line) => line.seq));
      seq = part.cursor;
    }
    assertEquals(seen, Array.from({ length: 25_000 }, (_, i) => i + 1));
  }));

Deno.test("LogStore passes over a line that a kill cut, and keeps runs out of each other's folders", () =>
  withFolder(async (folder) => {
    new LogStore(folder).append([output(1), output(2, { run: "../../outside" })]);
    const day = `${folder}/2026-11-24`;
    assertEquals([...Deno.readDirSync(day)].map(({ name }) => name).sort(), [
      "_._.._outside.jsonl",
      "r1.jsonl",
    ]);
    await Deno.writeTextFile(`${day}/r1.jsonl`, '{"stream":"stdout","te', { append: true });
    const store = new LogStore(folder);
    store.append([output(3)]);
    assertEquals(await textsAfter(new LogStore(folder), 0), ["text 1", "text 2", "text 3"]);
  }));
