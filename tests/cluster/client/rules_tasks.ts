/** Functions that the tests of scheduling rules run on workers. */
import { delay } from "@std/async/delay";

/** Marks that it began; the first to do so in the folder takes very long, later ones are done at once. */
export async function slowAtFirst(folder: string): Promise<string> {
  const isFirst = await mark(`${folder}/began`);
  if (isFirst) await delay(600_000);
  return isFirst ? "first" : "second";
}

/** Is done at once. */
export function quick(): void {}

/** How often it ran in this folder, this time included. */
export function countRuns(folder: string): number {
  Deno.writeTextFileSync(`${folder}/runs`, "x", { append: true });
  return Deno.statSync(`${folder}/runs`).size;
}

async function mark(path: string): Promise<boolean> {
  try {
    await Deno.writeTextFile(path, "", { createNew: true });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

/** A million bytes, each the count of the runs in this folder. */
export function countedMegabyte(folder: string): Uint8Array {
  return new Uint8Array(1_000_000).fill(countRuns(folder));
}

/** The first byte. */
export function firstByte(bytes: Uint8Array): number {
  return bytes[0];
}
