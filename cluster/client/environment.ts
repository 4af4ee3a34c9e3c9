import { setImmediate } from "node:timers";

const PREFIX = "TV_";

let ofThisTurn: Readonly<Record<string, string>> | undefined;

/** The TV_* variables, which travel with every task; read once in a turn of the event loop, as reading them costs as much
 * as a whole submission. */
export function submittedEnvironment(): Readonly<Record<string, string>> {
  if (ofThisTurn === undefined) {
    ofThisTurn = Object.fromEntries(
      Object.entries(Deno.env.toObject()).filter(([name]) => name.startsWith(PREFIX)),
    );
    setImmediate(() => ofThisTurn = undefined);
  }
  return ofThisTurn;
}
