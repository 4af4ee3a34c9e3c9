/** The colour scheme: the system's, or one that was chosen here. */
export type Theme = "auto" | "light" | "dark";

const KEY = "tradewind-theme";
const NEXT: Readonly<Record<Theme, Theme>> = { auto: "light", light: "dark", dark: "auto" };

/** What was chosen in this browser. */
export function chosenTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return stored === "light" || stored === "dark" ? stored : "auto";
}

/** Shows a scheme, and remembers it. */
export function applyTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  localStorage.setItem(KEY, theme);
  dispatchEvent(new Event("themechange"));
}

/** The one after it, going round. */
export function nextTheme(theme: Theme): Theme {
  return NEXT[theme];
}

/** Calls `draw` whenever the colours are others, by the system or by the page's own switch: what is drawn on a canvas
 * reads them when it is drawn.
 * @returns what ends that */
export function onColoursChanged(draw: () => void): () => void {
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", draw);
  addEventListener("themechange", draw);
  return () => {
    scheme.removeEventListener("change", draw);
    removeEventListener("themechange", draw);
  };
}
