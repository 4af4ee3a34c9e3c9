import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compactPath } from "../../../src/report/charts/compact_path.ts";

Deno.test("compactPath() writes steps to the point before, h and v where one part is 0", () => {
  assertEquals(compactPath("M10 20L11.5 20L11.5 18L12 18.25L12 18.25Z"), "M10 20h1.5v-2l.5 .3z");
  assertEquals(compactPath("M0.04 -3.1L-1 -4"), "M0-3.1l-1-.9");
});

Deno.test("compactPath() begins anew after each M, from where the last figure began", () => {
  assertEquals(compactPath("M1 1L2 2ZM5 5L6 5"), "M1 1l1 1zM5 5h1");
});

Deno.test("compactPath() only rounds the numbers of a path with curves", () => {
  assertEquals(compactPath("M1.234 2C3.456 4 5 6 7 8.88"), "M1.2 2C3.5 4 5 6 7 8.9");
});

Deno.test("compactPath() ends every step on the rounded point, however many went before", () => {
  const number = fc.double({ min: -500, max: 2000, noNaN: true });
  fc.assert(fc.property(fc.array(fc.tuple(number, number), { minLength: 1 }), (points) => {
    const d = points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x} ${y}`).join("");
    let [x, y] = [0, 0];
    for (const [, command, rest] of compactPath(d).matchAll(/([Mlhv])([^Mlhv]*)/g)) {
      const [a = 0, b = 0] = rest.match(/-?\d*\.?\d+/g)?.map(Number) ?? [];
      if (command === "M") [x, y] = [a, b];
      else if (command === "h") x += a;
      else if (command === "v") y += a;
      else [x, y] = [x + a, y + b];
    }
    const [lastX, lastY] = points[points.length - 1];
    assertEquals(
      [Math.round(x * 10), Math.round(y * 10)],
      [
        Math.round(lastX * 10) + 0,
        Math.round(lastY * 10) + 0,
      ].map((tenths) => tenths === 0 ? 0 : tenths),
    );
  }));
});
