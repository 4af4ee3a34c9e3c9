import { href } from "../route.ts";

/** The parts of a page, each with an address of its own. */
export function Tabs({ base, chosen, tabs }: {
  readonly base: readonly string[];
  readonly chosen: string;
  readonly tabs: readonly (readonly [key: string, label: string])[];
}) {
  return (
    <nav class="tabs" aria-label="Parts of this page">
      {tabs.map(([key, label]) => (
        <a
          key={key}
          href={href(key === "" ? base : [...base, key])}
          aria-current={key === chosen ? "page" : undefined}
        >
          {label}
        </a>
      ))}
    </nav>
  );
}
