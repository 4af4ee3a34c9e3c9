import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import { readTradedValues } from "../../../src/lakehouse/price_files/read_traded_values.ts";

async function read(text: string) {
  const path = await Deno.makeTempFile({ suffix: ".csv" });
  try {
    await Deno.writeTextFile(path, text);
    return await readTradedValues(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("readTradedValues() reads days without trades as 0 and empty cells as not known", async () => {
  const { panel } = await read("date,A,B\n2024-01-02,0,5\n2024-01-03,,7.5\n");
  assertEquals([panel.symbols, [...panel.values]], [["A", "B"], [0, 5, NaN, 7.5]]);
});

Deno.test("readTradedValues() refuses values below zero, and says of what file a table is wrong", async () => {
  const refusal = async (text: string) =>
    (await assertRejects(() => read(text), UserError)).message;
  assertStringIncludes(
    await refusal("date,A\n2024-01-02,1\n2024-01-03,-1\n"),
    'row 3, column "A" has the value -1',
  );
  assertStringIncludes(await refusal(""), "Cannot use selection.traded_values: ");
});
