import { render } from "preact";
import { App } from "./app.tsx";
import { applyTheme, chosenTheme } from "./theme.ts";

applyTheme(chosenTheme());
const root = document.getElementById("app");
if (root === null) throw new Error("Cannot show the dashboard: the page has no place for it");
render(<App />, root);
