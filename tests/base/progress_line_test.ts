import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { progressLine, readProgressLine } from "../../src/base/progress_line.ts";

Deno.test("readProgressLine() gives what progressLine() was given, in one line, whatever the name", () =>
  fc.assert(
    fc.property(
      fc.record({
        name: fc.string(),
        title: fc.string(),
        fraction: fc.double({ min: 0, max: 1, noNaN: true }).map((x) => x + 0),
      }),
      (progress) => {
        const line = progressLine(progress);
        assertEquals(line.includes("\n"), false);
        assertEquals(readProgressLine(line), JSON.parse(JSON.stringify(progress)));
      },
    ),
  ));

Deno.test("readProgressLine() takes no other line for progress", () => {
  const line = (told: unknown) => `@progress ${JSON.stringify(told)}`;
  for (
    const text of [
      "",
      "progress 3 %",
      "@progress",
      "@progress {",
      line(null),
      line({ name: "a", title: "b", fraction: 1.5 }),
      line({ name: "a", title: "b", fraction: "1" }),
      line({ name: 7, title: "b", fraction: 1 }),
    ]
  ) assertEquals(readProgressLine(text), undefined, text);
});
