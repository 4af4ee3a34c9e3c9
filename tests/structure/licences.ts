import { join } from "@std/path";
import { ROOT } from "./sources.ts";

/** The list of packages and their licences, written by this program: `deno task licences`. */
export const LICENCES_FILE = join(ROOT, "src/LICENCES.md");

/** A package of the lock file, and its licence by the identifiers of https://spdx.org/licenses/ */
export interface PackageLicence {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

interface LockedPackage {
  readonly optionalDependencies?: readonly string[];
  readonly os?: readonly string[];
}

/** All packages of the lock file. What is built for one kind of machine has the licence of the package that asks for it:
 * only that of this machine is installed.
 * @throws {Error} naming a package that says no licence */
export function packageLicences(): PackageLicence[] {
  const { npm } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.lock"))) as {
    readonly npm: Readonly<Record<string, LockedPackage>>;
  };
  return Object.entries(npm).map(([key, { os }]) => {
    const [name, version] = splitKey(key);
    const owner = os === undefined ? key : ownerOf(npm, name);
    return { name, version, licence: licenceOf(...splitKey(owner)) };
  }).sort((a, b) => a.name < b.name ? -1 : 1);
}

/** The text of the file. */
export function licencesText(packages: readonly PackageLicence[]): string {
  const rows = packages.map(({ name, version, licence }) => `- ${licence}: ${name} ${version}`);
  return [
    "# Packages and their licences",
    "",
    "All packages of `deno.lock`. `deno task licences` writes this list; a test checks it.",
    "",
    ...rows.sort(),
    "",
  ].join("\n");
}

/** `@scope/name@1.2.3_peer@4.5.6` */
function splitKey(key: string): [name: string, version: string] {
  const at = key.indexOf("@", 1);
  return [key.slice(0, at), key.slice(at + 1).split("_")[0]];
}

function ownerOf(npm: Readonly<Record<string, LockedPackage>>, name: string): string {
  const owner = Object.entries(npm).find(([, { optionalDependencies = [] }]) =>
    optionalDependencies.some((entry) => entry === name || splitKey(entry)[0] === name)
  );
  return owner?.[0] ?? `${name}@`;
}

function licenceOf(name: string, version: string): string {
  const folder = `${name.replaceAll("/", "+")}@${version}`;
  const path = join(ROOT, "node_modules/.deno", folder, "node_modules", name, "package.json");
  const { license, licenses } = JSON.parse(Deno.readTextFileSync(path)) as {
    readonly license?: string;
    /** As it was written before npm knew `license`. */
    readonly licenses?: readonly { readonly type: string }[];
  };
  const licence = license ?? licenses?.map(({ type }) => type).join(" OR ");
  if (licence === undefined) {
    throw new Error(`Cannot tell the licence of ${name}: ${path} has none`);
  }
  return licence;
}

if (import.meta.main) {
  await Deno.writeTextFile(LICENCES_FILE, licencesText(packageLicences()));
}
