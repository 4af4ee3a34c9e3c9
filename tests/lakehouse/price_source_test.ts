import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { describePrices, keepDescription } from "../../src/lakehouse/price_source.ts";

Deno.test("describePrices() reads a file once, and again when its content or its description changed", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/closes.csv`, lake = `${folder}/lake`;
  let reads = 0;
  const describe = async () => {
    const source = await describePrices(lake, path, () => reads++);
    await keepDescription(lake, source);
    return source;
  };
  await Deno.writeTextFile(path, "date,A,B\n2024-01-02,1,2\n2024-01-03,1,2\n");
  const first = await describe();
  assertEquals([first.symbols, first.rows, first.toS - first.fromS], [["A", "B"], 2, 86_400]);
  assertEquals(await describe(), first);
  assertEquals(reads, 1);
  await Deno.writeTextFile(`${lake}/sources/${first.sha256}.json`, '{"symb');
  assertEquals(await describe(), first);
  assertEquals(reads, 2);
  await Deno.writeTextFile(path, "date,A\n2024-01-02,1\n2024-01-03,1\n");
  assertEquals((await describe()).symbols, ["A"]);
  assertEquals(reads, 3);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("describePrices() says what is wrong with a path", async () => {
  const folder = await Deno.makeTempDir();
  const describe = (path: string) => () => describePrices(folder, path, () => {});
  await assertRejects(describe(`${folder}/none.csv`), UserError, "no such file");
  await assertRejects(describe(folder), UserError, "it is a folder");
  await Deno.remove(folder);
});
