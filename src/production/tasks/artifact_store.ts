import { sizeBytesIfThere } from "../../base/if_there.ts";
import { createHash } from "node:crypto";
import { replaceFileAtomic, writeFileAtomic } from "../../base/atomic_file.ts";
import { newId } from "../../base/ids.ts";

/** A file that a step made, named by its content: steps pass these on instead of the data. */
export interface Artifact {
  /** SHA-256 of the file's bytes. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** With its dot, for instance `.parquet`. */
  readonly extension: string;
}

/** An artifact as a worker made it: with its bytes when the store is not the worker's to write, for instance because it
 * is on another machine. They travel back, and {@linkcode keepArtifact} puts them there. */
export interface MadeArtifact extends Artifact {
  readonly bytes?: Uint8Array;
}

/** Makes an artifact of bytes: in the store where this process may write there, else with the bytes in it. */
export async function makeArtifact(
  storeDir: string,
  extension: string,
  bytes: Uint8Array,
): Promise<MadeArtifact> {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const artifact = { sha256, sizeBytes: bytes.byteLength, extension };
  try {
    await writeFileAtomic(artifactPath(storeDir, artifact), bytes);
    return artifact;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return { ...artifact, bytes };
  }
}

/** Puts what came back into the store. */
export async function keepArtifact(
  storeDir: string,
  { bytes, ...artifact }: MadeArtifact,
): Promise<Artifact> {
  if (bytes !== undefined) await writeFileAtomic(artifactPath(storeDir, artifact), bytes);
  return artifact;
}

/** Makes a file in the store. Whoever makes the same content again finds it there: the same name, the same bytes.
 * @param write fills the path that it is given, which has the extension */
export async function storeArtifact(
  storeDir: string,
  extension: string,
  write: (path: string) => Promise<void>,
): Promise<Artifact> {
  await Deno.mkdir(storeDir, { recursive: true });
  const temporaryPath = `${storeDir}/.${newId("tmp")}${extension}`;
  try {
    await write(temporaryPath);
    const bytes = await Deno.readFile(temporaryPath);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const artifact = { sha256, sizeBytes: bytes.byteLength, extension };
    await Deno.rename(temporaryPath, artifactPath(storeDir, artifact));
    return artifact;
  } catch (error) {
    await Deno.remove(temporaryPath).catch(() => {});
    throw error;
  }
}

/** Where an artifact lies in a store. */
export function artifactPath(storeDir: string, { sha256, extension }: Artifact): string {
  return `${storeDir}/${sha256}${extension}`;
}

/** Whether the store still has an artifact, whole by its size, or its bytes are with it. */
export function hasArtifact(storeDir: string, artifact: MadeArtifact): boolean {
  return artifact.bytes !== undefined ||
    sizeBytesIfThere(artifactPath(storeDir, artifact)) === artifact.sizeBytes;
}

/** Copies an artifact to where people look for it, whole or not at all. A copy and no link, since what people do with
 * the files of a run must not change what later runs take from the store. */
export async function copyArtifact(
  storeDir: string,
  artifact: Artifact,
  path: string,
): Promise<void> {
  await replaceFileAtomic(
    path,
    (temporaryPath) => Deno.copyFile(artifactPath(storeDir, artifact), temporaryPath),
  );
}
