/** Where `g` and a letter lead. */
const PLACES: Readonly<Record<string, string>> = {
  o: "#/",
  r: "#/runs",
  d: "#/deployments",
  n: "#/nodes",
  t: "#/tasks",
  a: "#/actors",
  f: "#/failures",
  l: "#/logs",
};

const SEQUENCE_MS = 1_000;

/** Listens for `g` and a letter, `/` for the search and `?` for help; not while something is typed.
 * @returns what ends that */
export function listenToKeys(onHelp: () => void): () => void {
  let pressedAtMs = -Infinity;
  const onKey = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (
      target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey ||
      event.altKey
    ) {
      return;
    }
    if (event.key === "/") {
      event.preventDefault();
      document.querySelector<HTMLInputElement>("[data-search]")?.focus();
    } else if (event.key === "?") onHelp();
    else if (event.key === "g") pressedAtMs = event.timeStamp;
    else if (event.timeStamp - pressedAtMs < SEQUENCE_MS && event.key in PLACES) {
      pressedAtMs = -Infinity;
      location.hash = PLACES[event.key];
    }
  };
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}
