/** The colour scheme: the system's, or one that was chosen here. */
export type Theme = "auto" | "light" | "dark";

const KEY = "tradewind-theme";
const SYSTEM_IS_DARK = "(prefers-color-scheme: dark)";
const CHANGED = "themechange";
const NEXT: Readonly<Record<Theme, Theme>> = { auto: "light", light: "dark", dark: "auto" };

/** What was chosen in this browser. */
export function chosenTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return stored === "light" || stored === "dark" ? stored : "auto";
}

/** Shows what was chosen, and follows the system where that was nothing. */
export function startTheme(): void {
  matchMedia(SYSTEM_IS_DARK).addEventListener("change", showTheme);
  showTheme();
}

/** Chooses a scheme, and remembers it. */
export function chooseTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  showTheme();
}

/** The one after it, going round. */
export function nextTheme(theme: Theme): Theme {
  return NEXT[theme];
}

/** Calls `draw` whenever the colours are others: what is drawn on a canvas reads them when it is drawn.
 * @returns what ends that */
export function onColoursChanged(draw: () => void): () => void {
  addEventListener(CHANGED, draw);
  return () => removeEventListener(CHANGED, draw);
}

/** The style sheet knows two schemes, by this attribute alone. */
function showTheme(): void {
  const theme = chosenTheme();
  const ofSystem = matchMedia(SYSTEM_IS_DARK).matches ? "dark" : "light";
  document.documentElement.dataset.theme = theme === "auto" ? ofSystem : theme;
  dispatchEvent(new Event(CHANGED));
}
