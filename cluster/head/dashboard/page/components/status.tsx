type Tone = "good" | "bad" | "busy" | "warn" | "idle";

const TONES: Readonly<Record<string, Tone>> = {
  succeeded: "good",
  completed: "good",
  cached: "good",
  done: "good",
  connected: "good",
  alive: "good",
  on: "good",
  intact: "good",
  failed: "bad",
  crashed: "bad",
  timedout: "bad",
  timed_out: "bad",
  lost: "bad",
  dead: "bad",
  broken: "bad",
  running: "busy",
  retrying: "busy",
  assigned: "busy",
  starting: "busy",
  cancelling: "warn",
  draining: "warn",
  suspected: "warn",
  delayed: "warn",
  paused: "warn",
  open: "warn",
};

const GLYPHS: Readonly<Record<Tone, string>> = {
  good: "M3 8.5 6.5 12 13 4.5",
  bad: "M4 4 12 12M12 4 4 12",
  busy: "M8 2a6 6 0 1 1-6 6",
  warn: "M8 3v6M8 12.4v.2",
  idle: "M3.5 8h9",
};

/** A state in words, with a shape and a colour of its own. */
export function Status({ state }: { readonly state: string }) {
  const tone = TONES[state.toLowerCase()] ?? "idle";
  return (
    <span class={`status ${tone}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={GLYPHS[tone]} />
      </svg>
      {state.replaceAll("_", " ")}
    </span>
  );
}
