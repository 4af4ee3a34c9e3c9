import { assertEquals } from "@std/assert";
import { readSources, withoutComments } from "./sources.ts";
import type { Source } from "./sources.ts";

const PARTS = ["cluster", "provision", "src"];

/** Where nothing may come from outside but arguments: no clock, no randomness, no system, no waiting. */
const PURE =
  /^(cluster\/scheduler\/|src\/quant\/|provision\/planning\/|.*\/(plan|state|states|attempts|addressing|merge_plan|cache_plan|gap_plan|fetch_plan|retention|catalog|manifest_diff|merge_rows)\.ts$)/;
const IMPURE =
  /\b(Deno\.|Date\.now|new Date\(\)|Math\.random|crypto\.|performance\.now|setTimeout|setInterval|fetch\()/;
/** The QP solver is WebAssembly that loads itself: the one wait in the numerics, before any work. */
const MAY_WAIT = new Set(["src/quant/optimizers/qp_solver.ts"]);

Deno.test("pure files read no clock, no randomness and no system", () => {
  const impure = readSources(...PARTS).filter(({ path }) => PURE.test(path)).flatMap(
    ({ path, text }) => {
      const found = IMPURE.exec(withoutComments(text));
      return found === null ? [] : [`${path}: ${found[0]}`];
    },
  );
  assertEquals(impure, []);
});

Deno.test("pure files never wait", () => {
  const waiting = readSources(...PARTS).filter(({ path, text }) =>
    PURE.test(path) && !MAY_WAIT.has(path) && /\bawait\b/.test(withoutComments(text))
  );
  assertEquals(waiting.map(({ path }) => path), []);
});

Deno.test("every exported function, class and constant is used by another file", () => {
  const sources = readSources(...PARTS);
  const tests = readSources("tests");
  const dead = sources.filter(({ path }) => path !== "mod.ts" && !path.endsWith("/mod.ts")).flatMap(
    (source) =>
      exportedValues(source).filter((name) =>
        !isUsed(name, source, sources) && !isUsed(name, source, tests)
      )
        .map((name) => `${source.path}: ${name}`),
  );
  assertEquals(dead, []);
});

Deno.test("every export has a doc comment", () => {
  const bare = readSources(...PARTS).flatMap(({ path, text }) => {
    const lines = text.split("\n");
    return lines.flatMap((line, i) => {
      const name = EXPORT.exec(line)?.[1];
      const above = lines[i - 1] ?? "";
      return name === undefined || above.trim().endsWith("*/") ? [] : [`${path}: ${name}`];
    });
  });
  assertEquals(bare, []);
});

Deno.test("files stay readable: none is longer than 400 lines", () => {
  const long = readSources(...PARTS).filter(({ text }) => text.split("\n").length > 400);
  assertEquals(long.map(({ path }) => path), []);
});

Deno.test("nothing is left for later: no TODO, FIXME or XXX", () => {
  const marked = readSources(...PARTS, "tests").filter(({ path, text }) =>
    path !== "tests/structure/tidy_test.ts" && /\b(TODO|FIXME|XXX)\b/.test(text)
  );
  assertEquals(marked.map(({ path }) => path), []);
});

const EXPORT =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|const|let|interface|type|enum) ([A-Za-z_$][\w$]*)/;

function exportedValues({ text }: Source): string[] {
  // Types are exported for the signatures that name them, whoever else writes them.
  const lines = text.split("\n").filter((line) => !/^export (?:interface|type) /.test(line));
  return lines.flatMap((line) => EXPORT.exec(line)?.[1] ?? []);
}

/** Whether any file that imports the source, directly or by a `mod.ts`, writes the name. */
function isUsed(name: string, source: Source, among: readonly Source[]): boolean {
  const word = new RegExp(`\\b${name.replaceAll("$", "\\$")}\\b`);
  return among.some(({ path, text }) =>
    path !== source.path && !path.endsWith("/mod.ts") && word.test(text)
  );
}
