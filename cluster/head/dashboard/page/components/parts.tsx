import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { LiveState } from "../live_client.ts";
import { useNow } from "../context.ts";
import { formatAge, formatCount, formatTime } from "../format.ts";

/** A titled part of a page. */
export function Panel(
  { title, note, actions, children, isFlush }: {
    readonly title: string;
    readonly note?: ComponentChildren;
    readonly actions?: ComponentChildren;
    readonly children: ComponentChildren;
    /** Its content reaches its edges. */
    readonly isFlush?: boolean;
  },
) {
  return (
    <section class={isFlush ? "panel flush" : "panel"}>
      <header>
        <h2>{title}</h2>
        {note !== undefined && <span class="note">{note}</span>}
        {actions !== undefined && <div class="actions">{actions}</div>}
      </header>
      {children}
    </section>
  );
}

/** What stands where there is nothing to show: why, and what to do. */
export function Empty({ title, children }: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <p>{title}</p>
      {children !== undefined && <p class="hint">{children}</p>}
    </div>
  );
}

/** Shows a document once it is known; until then as much room as it will take. */
export function Document<T>({ state, children }: {
  readonly state: LiveState<T>;
  readonly children: (value: T) => ComponentChildren;
}) {
  if (state.type === "known") return <>{children(state.value)}</>;
  if (state.type === "missing") return <Empty title="Not here">{state.message}</Empty>;
  return <Loading />;
}

/** Says that something is on its way, but not at once: what comes quickly should not flicker. */
function Loading() {
  const [isSlow, setIsSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsSlow(true), 400);
    return () => clearTimeout(timer);
  }, []);
  return <div class="loading" role="status">{isSlow ? "Loading…" : ""}</div>;
}

/** A moment: how long ago, and when exactly on demand. */
export function Moment({ atMs }: { readonly atMs: number }) {
  const nowMs = useNow();
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatTime(atMs)}>
      {formatAge(atMs, nowMs)}
    </time>
  );
}

/** Names and values, side by side. */
export function Facts({ rows }: {
  readonly rows: readonly { readonly name: string; readonly value: ComponentChildren }[];
}) {
  return (
    <dl class="facts">
      {rows.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A share of a whole as a bar, in words for those who do not see it. */
export function Meter({ label, value, of, text }: {
  readonly label: string;
  readonly value: number;
  readonly of: number;
  /** In place of "3 of 8". */
  readonly text?: string;
}) {
  const share = of > 0 ? Math.min(1, Math.max(0, value / of)) : 0;
  return (
    <svg
      class="meter"
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      role="img"
      aria-label={`${label}: ${text ?? `${formatCount(value)} of ${formatCount(of)}`}`}
    >
      <rect class="track" width="100" height="6" rx="1" />
      <rect class="fill" width={100 * share} height="6" rx="1" />
    </svg>
  );
}

/** How far the tasks of a run or stage are: done, failed, running, and the rest. */
export function Progress({ done, failed, running, waiting, label }: {
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  readonly waiting: number;
  readonly label: string;
}) {
  const total = done + failed + running + waiting;
  const widthOf = (count: number) => total === 0 ? 0 : 100 * count / total;
  const parts = [["good", done], ["bad", failed], ["busy", running]] as const;
  let x = 0;
  return (
    <svg
      class="progress"
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      role="img"
      aria-label={`${label}: ${formatCount(done)} of ${formatCount(total)} done, ${
        formatCount(failed)
      } failed, ${formatCount(running)} running`}
    >
      <rect class="track" width="100" height="6" />
      {parts.map(([tone, count]) => {
        const rect = <rect class={tone} x={x} width={widthOf(count)} height="6" key={tone} />;
        x += widthOf(count);
        return rect;
      })}
    </svg>
  );
}
