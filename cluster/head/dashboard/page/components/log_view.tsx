import { useEffect, useRef, useState } from "preact/hooks";
import type { StoredLine } from "../../../../protocol/log_line.ts";
import { followLog, type LogScope } from "../log_stream.ts";
import { formatClock, formatCount } from "../format.ts";

const LINE_PX = 20;
const OVERSCAN = 20;
/** Older lines are dropped from the page. */
const MAX_LINES = 20_000;
const BOTTOM_PX = 8;

/** The log of a run, task or node, followed; what is scrolled away from its end stays where it is. */
export function LogView({ scope }: { readonly scope: LogScope }) {
  const [lines, setLines] = useState<readonly StoredLine[]>([]);
  const [isFollowing, setIsFollowing] = useState(true);
  const [isHeard, setIsHeard] = useState(true);
  const [text, setText] = useState("");
  const [scrollTop, setScrollTop] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const key = JSON.stringify(scope);
  useEffect(() => {
    const abort = new AbortController();
    setLines([]);
    followLog(
      scope,
      (more) => setLines((known) => [...known, ...more].slice(-MAX_LINES)),
      setIsHeard,
      abort.signal,
    );
    return () => abort.abort();
  }, [key]);
  const needle = text.toLowerCase();
  const shown = needle === ""
    ? lines
    : lines.filter((line) => line.text.toLowerCase().includes(needle));
  useEffect(() => {
    if (isFollowing) box.current?.scrollTo({ top: shown.length * LINE_PX });
  }, [shown, isFollowing]);
  const onScroll = ({ currentTarget }: { readonly currentTarget: HTMLDivElement }) => {
    const { scrollTop, scrollHeight, clientHeight } = currentTarget;
    setScrollTop(scrollTop);
    setIsFollowing(scrollHeight - scrollTop - clientHeight < LINE_PX + BOTTOM_PX);
  };
  const first = Math.max(0, Math.floor(scrollTop / LINE_PX) - OVERSCAN);
  const count = Math.ceil((box.current?.clientHeight ?? 480) / LINE_PX) + 2 * OVERSCAN;
  const hasRuns = scope.task === undefined;
  return (
    <div class="log">
      <div class="toolbar">
        <input
          type="search"
          placeholder="Filter lines"
          aria-label="Filter lines"
          data-search
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={isFollowing}
            onChange={({ currentTarget }) => setIsFollowing(currentTarget.checked)}
          />
          Follow
        </label>
        <span class="note" role="status">
          {isHeard
            ? `${formatCount(shown.length)}${
              needle === "" ? "" : ` of ${formatCount(lines.length)}`
            } lines`
            : "The head is away; the log goes on when it is back"}
        </span>
      </div>
      <div
        class="log-lines"
        ref={box}
        onScroll={onScroll}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label="Log lines"
      >
        <div style={{ height: `${shown.length * LINE_PX}px` }}>
          {shown.slice(first, first + count).map((line, i) => (
            <div
              class={`line ${line.stream}`}
              key={line.seq}
              style={{ top: `${(first + i) * LINE_PX}px` }}
            >
              <time>{formatClock(Date.parse(line.time))}</time>
              <span class="origin">{originOf(line, hasRuns)}</span>
              <span class="text">{stripAnsi(line.text)}</span>
            </div>
          ))}
        </div>
        {shown.length === 0 && (
          <p class="hint">
            {lines.length > 0 ? "No line fits the filter." : "Nothing was written yet."}
          </p>
        )}
      </div>
    </div>
  );
}

function originOf(line: StoredLine, hasRuns: boolean): string {
  if (line.stream === "notice") return line.node;
  return hasRuns ? `${line.name} ${line.node}` : line.node;
}

/** Terminals colour by escape sequences; here they would be noise. */
function stripAnsi(text: string): string {
  // deno-lint-ignore no-control-regex -- the escape is what is looked for
  return text.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
}
