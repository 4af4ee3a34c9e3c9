import { useEffect, useState } from "preact/hooks";
import { logIn } from "../session.ts";

/** Asks for the token; a link may carry it behind the hash, which no server sees. */
export function LoginPage({ onLoggedIn }: { readonly onLoggedIn: () => void }) {
  const [token, setToken] = useState("");
  const [view, setView] = useState(false);
  const [problem, setProblem] = useState("");
  const enter = async (given: string) => {
    setProblem("");
    const refusal = await logIn(given, view);
    if (refusal === undefined) onLoggedIn();
    else setProblem(refusal);
  };
  useEffect(() => {
    const carried = new URLSearchParams(location.hash.slice(1)).get("token");
    if (carried === null) return;
    history.replaceState(null, "", location.pathname);
    enter(carried);
  }, []);
  const submit = (event: Event) => {
    event.preventDefault();
    enter(token);
  };
  return (
    <main class="login">
      <form onSubmit={submit}>
        <h1>Tradewind</h1>
        {/* Keepers of passwords want to know whose it is. */}
        <input type="text" autocomplete="username" value="tradewind" readOnly hidden />
        <label>
          Token
          <input
            type="password"
            autocomplete="current-password"
            required
            value={token}
            onInput={({ currentTarget }) => setToken(currentTarget.value)}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={view}
            onChange={({ currentTarget }) => setView(currentTarget.checked)}
          />
          Only look, change nothing
        </label>
        <button type="submit" class="button solid">Log in</button>
        <p class="problem" role="alert">{problem}</p>
        <p class="hint">
          The head's token lies in its folder, by default{" "}
          <code>artifacts/head/token</code>; a viewer's beside it.
        </p>
      </form>
    </main>
  );
}
