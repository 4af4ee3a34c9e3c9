const BAR_CHARACTERS = 24;
const INTERVAL_MS = 100;

/** A bar on standard error that is drawn in place and cleared at its end; nothing where standard error is no terminal. */
export function progressLine(
  isQuiet: boolean,
): (what: string) => (done: number, total: number) => void {
  const isShown = !isQuiet && Deno.stderr.isTerminal() && Deno.env.get("TERM") !== "dumb";
  if (!isShown) return () => () => {};
  const draw = (text: string) => Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${text}`));
  return (what) => {
    let drawnAtMs = -Infinity;
    return (done, total) => {
      if (done === total) return void draw("");
      const nowMs = performance.now();
      if (nowMs - drawnAtMs < INTERVAL_MS) return;
      drawnAtMs = nowMs;
      draw(barText(what, done, total));
    };
  };
}

/** A bar as text, for instance `verify [######      ] 5/10`. */
export function barText(what: string, done: number, total: number): string {
  const filled = Math.floor(BAR_CHARACTERS * done / Math.max(1, total));
  return `${what} [${"#".repeat(filled)}${" ".repeat(BAR_CHARACTERS - filled)}] ${done}/${total}`;
}
