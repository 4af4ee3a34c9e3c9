import { render } from "preact";
import { App } from "./app.tsx";
import { startTheme } from "./theme.ts";

startTheme();
const root = document.getElementById("app");
if (root === null) throw new Error("Cannot show the dashboard: the page has no place for it");
render(<App />, root);
