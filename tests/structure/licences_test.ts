import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { LICENCES_FILE, licencesText, packageLicences } from "./licences.ts";
import { ROOT } from "./sources.ts";

/** Licences that ask for no more than to be named; MPL-2.0 concerns changes of the package's own files alone. */
const MAY_USE = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "MPL-2.0",
  "Unlicense",
]);

Deno.test("LICENCES.md names every package of the lock file with a licence that we may use", () => {
  const packages = packageLicences();
  assertEquals(packages.filter(({ licence }) => !MAY_USE.has(licence)), []);
  const hint = "src/LICENCES.md is not that of deno.lock: deno task licences writes it anew";
  assertEquals(Deno.readTextFileSync(LICENCES_FILE), licencesText(packages), hint);
});

Deno.test("every package is imported by an exact version, and every task runs with the lock frozen", () => {
  const { imports, tasks } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  const loose = Object.values<string>(imports).filter((target) =>
    target.startsWith("npm:") && !/@\d+\.\d+\.\d+(\/|$)/.test(target)
  );
  assertEquals(loose, []);
  const thawed = Object.entries<string>(tasks).filter(([, command]) =>
    /^deno (run|test) /.test(command) && !command.includes("--frozen")
  );
  assertEquals(thawed, []);
});
