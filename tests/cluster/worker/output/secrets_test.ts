import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Redactor, SecretSet, secretsOf } from "../../../../cluster/worker/output/secrets.ts";

Deno.test("secretsOf() takes the TV_* variables whose names say so, and no value of less than 4 characters", () => {
  const env = {
    TV_API_KEY: "abcd-1",
    TV_DB_PASSWORD: " pass word ",
    TV_SESSION_TOKEN: "t0ken",
    TV_MY_SECRET_2: "hidden",
    TV_SHORT_KEY: "abc",
    TV_COLOUR: "blue-ish",
    OTHER_SECRET: "not ours",
  };
  assertEquals(secretsOf(env), ["abcd-1", "pass word", "t0ken", "hidden"]);
});

Deno.test("SecretSet masks secrets also as they stand in JSON and in URLs, the longer of two first", () => {
  const secrets = new SecretSet(['a"b\nc/d', "token", "token-and-more"]);
  assertEquals(secrets.redact(JSON.stringify({ x: 'a"b\nc/d' })), '{"x":"***"}');
  assertEquals(secrets.redact(`?key=${encodeURIComponent('a"b\nc/d')}&y`), "?key=***&y");
  assertEquals(secrets.redact("token-and-more, token!"), "***, ***!");
  assertEquals(secrets.redact("nothing here"), "nothing here");
});

Deno.test("SecretSet hides an end that is most of a secret, and shows one that is shorter than any", () => {
  const secrets = new SecretSet(["correct-horse"]);
  assertEquals(secrets.redact("so: correct-h"), "so: ***");
  assertEquals(secrets.redact("so: cor"), "so: cor");
});

Deno.test("SecretSet knows nothing before it is told", () => {
  const secrets = new SecretSet([]);
  assertEquals(secrets.redact("abcd"), "abcd");
  secrets.learn(["abcd"]);
  assertEquals(secrets.redact("abcd"), "***");
});

Deno.test("Redactor gives the same whatever the cuts, and never a secret", () => {
  // Few letters, so that secrets overlap themselves, each other and the cuts.
  const letters = (minLength: number, maxLength: number) =>
    fc.array(fc.constantFrom("a", "b"), { minLength, maxLength }).map((list) => list.join(""));
  fc.assert(fc.property(
    fc.array(letters(4, 6), { minLength: 1, maxLength: 3 }),
    letters(0, 60),
    fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
    (secrets, text, sizes) => {
      const set = new SecretSet(secrets);
      const redactor = new Redactor(set);
      let shown = "";
      for (let at = 0, i = 0; at < text.length; at += sizes[i++ % sizes.length]) {
        shown += redactor.push(text.slice(at, at + sizes[i % sizes.length]));
      }
      shown += redactor.flush();
      assertEquals(shown, set.redact(text));
      for (const secret of secrets) assertEquals(shown.includes(secret), false);
    },
  ));
});
