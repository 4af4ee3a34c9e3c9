import { render } from "preact";
import { useState } from "preact/hooks";
import uPlot from "uplot";
function App() {
  const [n, s] = useState(0);
  return <button type="button" onClick={() => s(n + 1)}>{n} {typeof uPlot}</button>;
}
render(<App />, document.getElementById("app")!);
