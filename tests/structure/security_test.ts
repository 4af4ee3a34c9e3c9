import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { ROOT } from "./sources.ts";

Deno.test("every claim of cluster/SECURITY.md names a test that exists", () => {
  const text = Deno.readTextFileSync(join(ROOT, "cluster/SECURITY.md"));
  const rows = text.split("\n## Claims\n")[1].split("\n## ")[0].split("\n")
    .filter((line) => line.startsWith("|")).slice(2);
  assert(rows.length > 20, `only ${rows.length} claims`);
  const missing = rows.filter((row) => {
    const [, path, name] = /`(tests\/[^`]+)`: (.+?)\s*\|$/.exec(row) ?? [];
    return path === undefined || !readTests(path).includes(name);
  });
  assertEquals(missing, []);
});

function readTests(path: string): string {
  try {
    return Deno.readTextFileSync(join(ROOT, path));
  } catch {
    return "";
  }
}
