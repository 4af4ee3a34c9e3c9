import { newId } from "../../src/base/ids.ts";

/** Writes an object into a node's folder: whole, or not at all. */
export async function writeObject(
  objectFolder: string,
  objectId: string,
  object: Uint8Array,
): Promise<void> {
  const temporaryPath = `${objectFolder}/.${newId("tmp")}`;
  await Deno.writeFile(temporaryPath, object);
  await Deno.rename(temporaryPath, `${objectFolder}/${objectId}`);
}
