import { useEffect, useState } from "preact/hooks";

/** Where the page is: the parts of its hash, and what follows the question mark. */
export interface Route {
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

/** Reads a hash such as `#/runs/nightly?state=Failed`. */
function parseRoute(hash: string): Route {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").filter((part) => part !== "").map(decodePart);
  return { parts, query: new URLSearchParams(query) };
}

/** The address of a place in the page. */
export function href(
  parts: readonly string[],
  query: Readonly<Record<string, string>> = {},
): string {
  const given = Object.entries(query).filter(([, value]) => value !== "");
  const search = given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
  return `#/${parts.map(encodeURIComponent).join("/")}${search}`;
}

/** Changes the query of where the page is, without a step in its history. */
export function replaceQuery(route: Route, changes: Readonly<Record<string, string>>): void {
  const query = { ...Object.fromEntries(route.query), ...changes };
  history.replaceState(null, "", href(route.parts, query));
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** Where the page is, kept up to date. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = () => setRoute(parseRoute(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return route;
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
