import { UserError } from "../../src/base/errors.ts";

/** Makes a head the only one of its folder: two that write into the same files would each undo what the other promised.
 * The lock is the process's, so that one which was killed leaves none.
 * @throws {UserError} when another head has it */
export function lockState(stateDir: string): Disposable {
  const file = Deno.openSync(`${stateDir}/head.lock`, { create: true, write: true, mode: 0o600 });
  if (file.tryLockSync(true)) return file;
  file.close();
  throw new UserError(
    "head/folder-in-use",
    `Cannot start a head in ${stateDir}: another head runs there`,
    {
      hint: "End that one first, or give this one a folder of its own with --dir.",
    },
  );
}
