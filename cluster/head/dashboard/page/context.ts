import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { LiveClient, LiveState } from "./live_client.ts";
import type { Session } from "./session.ts";

/** What all parts of the page share. */
export interface Shared {
  readonly client: LiveClient;
  readonly session: Session;
  /** Shows a line for some seconds. */
  readonly say: (text: string, kind: "good" | "bad") => void;
}

/** Holds {@linkcode Shared}. */
export const SharedContext = createContext<Shared | undefined>(undefined);

/** What all parts of the page share.
 * @throws {Error} outside of the page */
export function useShared(): Shared {
  const shared = useContext(SharedContext);
  if (shared === undefined) throw new Error("Cannot use the page's parts outside of it");
  return shared;
}

/** A document of the API, kept up to date. */
export function useLive<T>(target: string): LiveState<T> {
  const { client } = useShared();
  const [shown, setShown] = useState({ target, state: client.peek(target) });
  useEffect(
    () => client.watch(target, (state) => setShown({ target, state })),
    [client, target],
  );
  // Right after another target was asked for, what is shown is still that of the last one.
  const state = shown.target === target ? shown.state : client.peek(target);
  return state as LiveState<T>;
}

/** The time, renewed as often as it is asked for. */
export function useNow(everyMs = 1_000): number {
  const [nowMs, setNowMs] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowMs;
}
