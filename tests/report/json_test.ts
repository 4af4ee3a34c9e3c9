import { assert, assertEquals } from "@std/assert";
import { renderJson } from "../../src/report/json.ts";
import { makeReportModel } from "./fixture.ts";

Deno.test("renderJson() gives the model back, numbers as numbers", () => {
  const model = makeReportModel({ bars: 60 });
  assertEquals(JSON.parse(renderJson(model)), model);
});

Deno.test("renderJson() writes NaN and infinities as null instead of failing", () => {
  const model = makeReportModel({ bars: 5, profiles: ["hrp"] });
  const candidates = model.candidates.map((c) => ({
    ...c,
    returns: [NaN, Infinity, 0.1],
    metrics: { sharpe: NaN },
  }));
  const [back] = JSON.parse(renderJson({ ...model, candidates })).candidates;
  assertEquals([back.returns, back.metrics], [[null, null, 0.1], { sharpe: null }]);
});

Deno.test("renderJson() gives a series one line", () => {
  const lines = renderJson(makeReportModel({ bars: 60, profiles: ["hrp"] })).split("\n");
  assert(lines.some((line) => line.startsWith('      "returns": [') && line.endsWith("],")));
  assert(lines.every((line) => !/^\s*-?[\d.]+,?$/.test(line)));
});
