import { UserError } from "../base/errors.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
};

/** An amount of bytes as a user writes it: `1500000`, `512MiB`, `1.5G`; units are powers of 1024.
 * @param flag the flag that takes it, for the message
 * @throws {UserError} for anything else, and for less than one byte */
export function parseSizeBytes(flag: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([KMGT])(?:i?B)?|B)?$/i.exec(text.trim());
  const bytes = Math.floor(Number(match?.[1]) * UNITS[(match?.[2] ?? "").toUpperCase()]);
  if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new UserError("command/bad-value", `Cannot use --${flag} ${JSON.stringify(text)}`, {
    hint: "It takes a size, for instance 512MiB or 2GiB.",
  });
}
