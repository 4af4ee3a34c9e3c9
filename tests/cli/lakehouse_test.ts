import { assertEquals, assertStringIncludes } from "@std/assert";
import { LAKEHOUSE } from "../../src/cli/lakehouse.ts";
import { runFamily } from "../../src/cli/command_family.ts";
import { parseVersion } from "../../src/cli/lakehouse/lakehouse_command.ts";
import { openLakehouse } from "../../src/lakehouse/lakehouse.ts";

const CSV = "date,AAPL,BRK.B\n2020-01-02,1,\n2020-01-03,2,20\n2020-01-06,3.5,30\n";

/** Runs `use` with a folder that has prices.csv, and a way to give commands about its lakehouse. */
async function withLake(
  use: (
    run: (...args: string[]) => Promise<{ code: number; out: string; err: string }>,
    folder: string,
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/prices.csv`, CSV);
    await use(async (...args) => {
      const out: string[] = [], err: string[] = [];
      const place = args.length === 0 || args[0] === "sync"
        ? []
        : ["--lakehouse", `${folder}/lake`];
      const code = await runFamily(LAKEHOUSE, [...args, ...place], {
        out: (line) => out.push(line),
        err: (line) => err.push(line),
      });
      return { code, out: out.join("\n"), err: err.join("\n") };
    }, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("lakehouse import, ls, show, schema, head and export tell of a file what it holds", () =>
  withLake(async (run, folder) => {
    const empty = await run("ls");
    assertStringIncludes(empty.out, "nothing was committed yet");
    const imported = await run("import", `${folder}/prices.csv`);
    assertEquals(imported.code, 0, imported.err);
    assertStringIncludes(imported.out, "2 of 2 tables written, 5 rows");
    const ls = await run("ls");
    assertStringIncludes(ls.out, "LOCAL_BRK.B_1d");
    assertStringIncludes(ls.out, "version 1, 2 tables");
    const { tables } = JSON.parse((await run("ls", "--json")).out);
    assertEquals(tables.map(({ rows }: { rows: number }) => rows), [3, 2]);
    assertStringIncludes((await run("show", "LOCAL_AAPL_1d")).out, "2020-01-02 to 2020-01-06");
    assertStringIncludes((await run("schema", "LOCAL_AAPL_1d")).out, "quote currency, adjusted");
    const head = JSON.parse(
      (await run("head", "LOCAL_AAPL_1d", "--rows", "1", "--last", "--json")).out,
    );
    assertEquals([head.close, head.open], [3.5, null]);

    const file = `${folder}/out.csv`;
    await run("export", "LOCAL_AAPL_1d", file, "--columns", "close", "--since", "2020-01-03");
    assertEquals(await Deno.readTextFile(file), "close\n2\n3.5\n");
    const parquet = `${folder}/out.parquet`;
    await run("export", "LOCAL_AAPL_1d", parquet);
    assertEquals((await run("import", parquet, "--table", "COPY")).code, 0);
    const [one, two] = await Promise.all(
      ["LOCAL_AAPL_1d", "COPY"].map((name) => run("head", name)),
    );
    assertEquals(two.out, one.out);
  }));

Deno.test("lakehouse diff, gc and verify tell what changed, what goes and what is whole", () =>
  withLake(async (run, folder) => {
    await run("import", `${folder}/prices.csv`);
    await Deno.writeTextFile(`${folder}/prices.csv`, `${CSV}2020-01-07,4,30\n`);
    await run("import", `${folder}/prices.csv`);
    const diff = await run("diff", "1", "2", "--json");
    assertEquals(diff.code, 1);
    assertEquals(JSON.parse(diff.out).map((one: { rowsAfter: number }) => one.rowsAfter), [4, 3]);
    assertEquals((await run("diff", "2", "2")).code, 0);
    const gc = ["gc", "--keep", "1", "--keep-days", "0", "--grace-hours", "0"];
    assertStringIncludes(
      (await run(...gc, "--dry-run")).out,
      "1 versions would be dropped, 3 files",
    );
    assertStringIncludes((await run(...gc)).out, "1 versions dropped, 3 files removed");
    assertEquals((await run("show", "LOCAL_AAPL_1d", "--at", "1")).code, 2);
    assertEquals((await run("verify")).code, 0);

    const tables = `${folder}/lake/tables/LOCAL_AAPL_1d`;
    const [{ name }] = [...Deno.readDirSync(tables)];
    const bytes = await Deno.readFile(`${tables}/${name}`);
    bytes[bytes.length >> 1] ^= 1;
    await Deno.writeFile(`${tables}/${name}`, bytes);
    const damaged = await run("verify");
    assertEquals(damaged.code, 1);
    assertStringIncludes(damaged.err, name);
    assertStringIncludes(damaged.err, "expected content with SHA-256");
    assertEquals(JSON.parse((await run("verify", "--json")).out).problems.length, 1);
  }));

Deno.test("lakehouse sync copies what is not there, and replaces what was changed there only by force", () =>
  withLake(async (run, folder) => {
    const [one, two] = [`${folder}/lake`, `${folder}/two`];
    await run("import", `${folder}/prices.csv`);
    assertStringIncludes((await run("sync", one, two)).out, "2 tables, 2 files");
    assertStringIncludes((await run("sync", one, two)).out, "0 tables, 0 files");
    await Deno.writeTextFile(`${folder}/prices.csv`, `${CSV}2020-01-07,4,\n`);
    await run("import", `${folder}/prices.csv`);
    assertStringIncludes((await run("sync", one, two)).out, "is at version 2");
    const back = await run("sync", two, one);
    assertStringIncludes(back.out, "0 tables, 0 files");
    await Deno.writeTextFile(`${folder}/prices.csv`, `${CSV}2020-01-08,5,\n`);
    await runFamily(LAKEHOUSE, ["import", `${folder}/prices.csv`, "--lakehouse", two], {
      out: () => {},
      err: () => {},
    });
    const refused = await run("sync", one, two);
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.err, "tables were changed there, first LOCAL_");
    assertEquals((await run("sync", one, two, "--force")).code, 0);
  }));

Deno.test("lakehouse sync --history copies every version with its time, and then only those that follow", () =>
  withLake(async (run, folder) => {
    const [one, two] = [`${folder}/lake`, `${folder}/two`];
    const add = async (lines: string) => {
      await Deno.writeTextFile(`${folder}/prices.csv`, `${CSV}${lines}`);
      assertEquals((await run("import", `${folder}/prices.csv`)).code, 0);
    };
    const versionsOf = async (lake: string) =>
      (await openLakehouse(lake).history()).map(({ version, committedAt }) => [
        version,
        committedAt,
      ]);
    await add("");
    await add("2020-01-07,4,\n");
    const first = await run("sync", one, two, "--history");
    assertEquals(first.code, 0, first.err);
    assertStringIncludes(first.out, "2 versions, 4 tables, 3 files");
    assertEquals(await versionsOf(two), await versionsOf(one));

    await add("2020-01-07,4,\n2020-01-08,5,31\n");
    assertStringIncludes((await run("sync", one, two, "--history")).out, "1 versions, ");
    assertStringIncludes((await run("sync", one, two, "--history")).out, "0 versions, 0 tables");
    assertEquals(await versionsOf(two), await versionsOf(one));
    for (const query of [{ version: 1 }, { version: 2 }, { version: 3 }]) {
      const [from, to] = await Promise.all(
        [one, two].map((lake) => openLakehouse(lake).snapshot(query)),
      );
      assertEquals(
        [...to.tables.values()].map(({ sha256 }) => sha256),
        [...from.tables.values()].map(({ sha256 }) => sha256),
      );
    }
    assertEquals((await run("verify")).code, 0);
    const [oldest] = await openLakehouse(two).history();
    assertEquals(oldest.note, `sync of ${one} version 1`);
  }));

Deno.test("lakehouse names what is nearest to a wrong command, table or flag, and exits with 2", () =>
  withLake(async (run, folder) => {
    await run("import", `${folder}/prices.csv`);
    const wrong: readonly (readonly [string[], string])[] = [
      [["lss"], "The nearest one is ls"],
      [["show", "LOCAL_AAPL_1h"], "The nearest one is LOCAL_AAPL_1d"],
      [["ls", "--jsn"], "The nearest one is --json"],
      [["ls", "--at", "yesterday"], 'Cannot use "yesterday" as a version'],
      [["export", "LOCAL_AAPL_1d", `${folder}/x.xls`], "has to end in .parquet or .csv"],
      [["export", "LOCAL_AAPL_1d", `${folder}/x.csv`, "--columns", "nope"], 'column "nope"'],
      [["import", `${folder}/none.csv`], "no such file"],
      [["import", `${folder}/prices.csv`, "--table", "../x"], "Cannot"],
      [["gc", "--keep", "-1"], "a number from 0 on is expected"],
    ];
    for (const [args, text] of wrong) {
      const { code, err } = await run(...args);
      assertEquals(code, 2, err);
      assertStringIncludes(err, text);
    }
    assertEquals((await run("--help")).code, 0);
    assertEquals((await run("gc", "--help")).code, 0);
  }));

Deno.test("parseVersion() reads numbers, whole days and times", () => {
  assertEquals(parseVersion("12"), { version: 12 });
  assertEquals(parseVersion("2026-01-31"), { atMs: Date.parse("2026-02-01T00:00:00Z") - 1 });
  assertEquals(parseVersion("2026-01-31T12:00:00Z"), { atMs: Date.parse("2026-01-31T12:00:00Z") });
});
