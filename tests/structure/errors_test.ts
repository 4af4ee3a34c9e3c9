import { assertEquals } from "@std/assert";
import { ERROR_CODES } from "../../src/base/error_codes/error_codes.ts";
import { ERRORS_PAGE, errorsPageText, formatted } from "./errors_page.ts";
import { readSources } from "./sources.ts";

Deno.test("every code is an area and what is wrong, with its meaning and what to do as sentences", () => {
  const isSentence = (text: string) => /^\S.{10,110}\.$/.test(text);
  const odd = Object.entries(ERROR_CODES).filter(([code, { meaning, advice }]) =>
    !/^[a-z]+\/[a-z]+(-[a-z]+)*$/.test(code) || !isSentence(meaning) || !isSentence(advice)
  );
  assertEquals(odd, []);
});

Deno.test("ERRORS.md is as `deno task errors` writes it", async () => {
  assertEquals(await Deno.readTextFile(ERRORS_PAGE), await formatted(errorsPageText(ERROR_CODES)));
});

Deno.test("every code is given by some error", () => {
  const texts = readSources("cluster", "provision", "src")
    .filter(({ path }) => !path.startsWith("src/base/error_codes/"))
    .map(({ text }) => text);
  const unused = Object.keys(ERROR_CODES).filter((code) =>
    !texts.some((text) => text.includes(`"${code}"`))
  );
  assertEquals(unused, []);
});
