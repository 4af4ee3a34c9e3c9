import { formatCount } from "../format.ts";
import { href, replaceQuery, type Route } from "../route.ts";

/** The filters of a list, which live in the page's address: states to choose one of, and a search. */
export function Filters({ route, states, searchLabel }: {
  readonly route: Route;
  /** Counts by state; undefined where nobody counts. */
  readonly states: Readonly<Record<string, number | undefined>>;
  readonly searchLabel: string;
}) {
  const chosen = route.query.get("state") ?? "";
  const others = Object.fromEntries([...route.query].filter(([name]) => name !== "state"));
  const offered = Object.entries(states).filter(([state, count]) =>
    count === undefined || count > 0 || state === chosen
  );
  const all = Object.values(states).reduce<number>((sum, count = NaN) => sum + count, 0);
  return (
    <div class="toolbar">
      <input
        type="search"
        placeholder={searchLabel}
        aria-label={searchLabel}
        data-search
        value={route.query.get("q") ?? ""}
        onInput={({ currentTarget }) => replaceQuery(route, { q: currentTarget.value })}
      />
      <nav class="chips" aria-label="Filter by state">
        <a
          href={href(route.parts, others)}
          class="chip"
          aria-current={chosen === "" ? "true" : undefined}
        >
          All {!Number.isNaN(all) && <b>{formatCount(all)}</b>}
        </a>
        {offered.map(([state, count]) => (
          <a
            key={state}
            href={href(route.parts, { ...others, state })}
            class="chip"
            aria-current={chosen === state ? "true" : undefined}
          >
            {state.replaceAll("_", " ")} {count !== undefined && <b>{formatCount(count)}</b>}
          </a>
        ))}
      </nav>
    </div>
  );
}
