import { UserError } from "../base/errors.ts";

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A time as a user writes it, in milliseconds: `500ms`, `90s` (or `90`), `10m`, `1.5h`, `2d`.
 * @param flag the flag that takes it, for the message
 * @throws {UserError} for anything else */
export function parseDurationMs(flag: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  const ms = Number(match?.[1]) * UNITS_MS[match?.[2] ?? "s"];
  if (Number.isFinite(ms)) return ms;
  throw new UserError("command/bad-value", `Cannot use --${flag} ${JSON.stringify(text)}`, {
    hint: "It takes a time, for instance 30s, 10m or 2h.",
  });
}
