import { UserError } from "../base/errors.ts";

/** Reads a flag that takes a number above 0.
 * @param otherwise what holds when the flag is not given */
export function readPositive(flag: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (value > 0 && value < 1e9) return value;
  throw new UserError("command/bad-value", `Cannot use --${flag} ${JSON.stringify(text)}`, {
    hint: "It takes a number above 0.",
  });
}

/** Reads a flag that takes amounts by name, such as `gpu=2,zone:a`; a name without an amount is a label, of which there
 * is 1. */
export function readAmounts(flag: string, text: string | undefined): Record<string, number> {
  const amounts: Record<string, number> = {};
  if (text === undefined) return amounts;
  for (const part of text.split(",")) {
    const [name, amount = "1", ...rest] = part.split("=").map((piece) => piece.trim());
    const value = amount === "" ? NaN : Number(amount);
    if (name === "" || rest.length > 0 || !(value >= 0 && value < Infinity)) {
      throw new UserError(
        "command/bad-value",
        `Cannot use --${flag} ${JSON.stringify(text)}: ${JSON.stringify(part)}`,
        {
          hint: "It takes names and amounts, for instance gpu=2,zone:a.",
        },
      );
    }
    amounts[name] = value;
  }
  return amounts;
}
