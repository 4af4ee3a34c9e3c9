import type { Clock } from "../../base/clock.ts";
import type { ProgressEvent } from "./events.ts";
import { plainLine } from "./plain_view.ts";
import { INITIAL_PROGRESS, progressState } from "./state.ts";
import { createPainter, printable } from "./terminal_text.ts";
import { renderFrame } from "./terminal_view.ts";

/** Where a display writes, for instance `Deno.stderr`: results have standard output for themselves. */
export interface ProgressWriter {
  /** Writes bytes before it returns, so that the cursor is restored even while the process exits. */
  writeSync(bytes: Uint8Array): number;
}

/** How a display shows itself. */
export interface ProgressDisplayOptions {
  /** `terminal`: redrawn in place; `plain`: a line for each start and end; `quiet`: nothing. */
  readonly mode: "terminal" | "plain" | "quiet";
  /** Where to write. */
  readonly writer: ProgressWriter;
  /** What tells elapsed and remaining time. */
  readonly clock: Clock;
  /** Whether to write colours. */
  readonly color: boolean;
  /** The terminal's size, asked for at each frame; 0 where it is unknown. */
  readonly size: () => { readonly columns: number; readonly rows: number };
}

const FRAME_INTERVAL_MS = 100;
/** How often a frame is drawn without an event, so that its times move. */
const IDLE_INTERVAL_MS = 1000;
const DEFAULT_SIZE = { columns: 80, rows: 24 };

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const CLEAR_BELOW = "\x1b[0J";

/** What a command tells its progress to. */
export interface ProgressReporter extends Disposable {
  /** Takes an event, and shows it at once or soon. */
  report(event: ProgressEvent): void;
}

/** Shows the progress of a run. Dispose of it before writing results, and on every way out. */
export class ProgressDisplay implements ProgressReporter {
  #options: ProgressDisplayOptions;
  #state = INITIAL_PROGRESS;
  #linesOnScreen = 0;
  #drawnMs = -Infinity;
  #stale = false;
  #cursorHidden = false;
  #closed = false;
  #encoder = new TextEncoder();

  /** Writes nothing yet. */
  constructor(options: ProgressDisplayOptions) {
    this.#options = options;
  }

  /** Takes an event, and shows it at once or with the next frame: at most 10 are drawn in a second. */
  report(event: ProgressEvent): void {
    if (this.#closed || this.#options.mode === "quiet") return;
    if (this.#options.mode === "plain") {
      const line = plainLine(event);
      if (line !== null) this.#write(`${line}\n`);
      return;
    }
    this.#state = progressState(this.#state, event, this.#options.clock.nowMs());
    this.#stale = true;
    if (event.type === "Notice") this.#insert(event.message);
    this.tick();
  }

  /** Draws a frame if one is due. To be called a few times a second. */
  tick(): void {
    if (this.#closed || this.#options.mode !== "terminal") return;
    const sinceMs = this.#options.clock.nowMs() - this.#drawnMs;
    if (sinceMs >= (this.#stale ? FRAME_INTERVAL_MS : IDLE_INTERVAL_MS)) this.#draw();
  }

  /** Draws the last frame and gives the cursor back. Later events show nothing. */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    if (this.#stale) this.#draw();
    this.#closed = true;
    if (this.#cursorHidden) this.#write(SHOW_CURSOR);
  }

  #draw(): void {
    const { clock, color, size } = this.#options;
    const { columns, rows } = size();
    const nowMs = clock.nowMs();
    const lines = renderFrame(this.#state, {
      nowMs,
      color,
      columns: columns > 0 ? columns : DEFAULT_SIZE.columns,
      rows: rows > 0 ? rows : DEFAULT_SIZE.rows,
    });
    const hide = this.#cursorHidden ? "" : HIDE_CURSOR;
    this.#write(`${hide}${this.#erase()}${lines.map((line) => `${line}\n`).join("")}`);
    this.#cursorHidden = true;
    this.#linesOnScreen = lines.length;
    this.#drawnMs = nowMs;
    this.#stale = false;
  }

  /** Writes a line that stays, above the frame that the next draw puts below it. */
  #insert(message: string): void {
    const paint = createPainter(this.#options.color);
    this.#write(`${this.#erase()}${paint("yellow", "!")} ${printable(message)}\n`);
    this.#linesOnScreen = 0;
  }

  #erase(): string {
    return this.#linesOnScreen === 0 ? "" : `\x1b[${this.#linesOnScreen}A\r${CLEAR_BELOW}`;
  }

  #write(text: string): void {
    const bytes = this.#encoder.encode(text);
    try {
      for (let written = 0; written < bytes.length;) {
        written += this.#options.writer.writeSync(bytes.subarray(written));
      }
    } catch {
      // Nobody reads the display any more (a closed pipe, a terminal that is gone): the run goes on without it.
      this.#closed = true;
    }
  }
}
