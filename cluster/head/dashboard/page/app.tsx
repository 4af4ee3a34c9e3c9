import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { LogView } from "./components/log_view.tsx";
import { Empty } from "./components/parts.tsx";
import { SharedContext } from "./context.ts";
import { listenToKeys } from "./keyboard.ts";
import { type LinkState, LiveClient } from "./live_client.ts";
import { ActorsPage } from "./pages/actors.tsx";
import { DeploymentsPage } from "./pages/deployments.tsx";
import { FailuresPage } from "./pages/failures.tsx";
import { LoginPage } from "./pages/login.tsx";
import { NodePage } from "./pages/node.tsx";
import { NodesPage } from "./pages/nodes.tsx";
import { OverviewPage } from "./pages/overview.tsx";
import { RunPage } from "./pages/run.tsx";
import { RunsPage } from "./pages/runs.tsx";
import { TaskPage } from "./pages/task.tsx";
import { TasksPage } from "./pages/tasks.tsx";
import { type Route, useRoute } from "./route.ts";
import { logOut, readSession, type Session } from "./session.ts";
import { chooseTheme, chosenTheme, nextTheme } from "./theme.ts";

const PAGES = [
  ["", "Overview"],
  ["runs", "Runs"],
  ["deployments", "Deployments"],
  ["nodes", "Nodes"],
  ["tasks", "Tasks"],
  ["actors", "Actors"],
  ["failures", "Failures"],
  ["logs", "Logs"],
] as const;
const SAID_MS = 5_000;

/** The dashboard, for whoever is logged in. */
export function App() {
  const [session, setSession] = useState<Session>();
  const look = async () => setSession(await readSession().catch(() => undefined));
  useEffect(() => {
    look();
  }, []);
  if (session === undefined) return null;
  if (!session.isLoggedIn) return <LoginPage onLoggedIn={look} />;
  return <Desk session={session} onLoggedOut={look} />;
}

function Desk({ session, onLoggedOut }: {
  readonly session: Session;
  readonly onLoggedOut: () => void;
}) {
  const [link, setLink] = useState<LinkState>("connecting");
  const [said, setSaid] = useState<{ readonly text: string; readonly kind: string }>();
  const help = useRef<HTMLDialogElement>(null);
  const route = useRoute();
  const client = useMemo(() => {
    const url = `${location.protocol.replace("http", "ws")}//${location.host}/api/v1/live`;
    return new LiveClient(url, { onLink: setLink, onLoggedOut });
  }, []);
  const shared = useMemo(() => ({
    client,
    session,
    say: (text: string, kind: "good" | "bad") => setSaid({ text, kind }),
  }), [client, session]);
  useEffect(() => () => client.close(), [client]);
  useEffect(() => listenToKeys(() => help.current?.showModal()), []);
  useEffect(() => {
    if (said === undefined) return;
    const timer = setTimeout(() => setSaid(undefined), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  useTitle(route);
  return (
    <SharedContext.Provider value={shared}>
      <a class="skip" href="#main" onClick={skipToMain}>Skip to content</a>
      <Side route={route} session={session} link={link} onLoggedOut={onLoggedOut} />
      <main id="main" tabIndex={-1}>
        <Page route={route} />
      </main>
      <p class={`said ${said?.kind ?? "silent"}`} role="status">{said?.text}</p>
      <dialog ref={help} aria-label="Keys">
        <h2>Keys</h2>
        <dl class="facts keys">
          {[
            ["/", "search or filter"],
            ["g o", "overview"],
            ["g r", "runs"],
            ["g n", "nodes"],
            ["g t", "tasks"],
            ["g d", "deployments"],
            ["g a", "actors"],
            ["g f", "failures"],
            ["g l", "logs"],
            ["↑ ↓", "from row to row"],
          ].map(
            ([key, what]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{what}</dd>
              </div>
            ),
          )}
        </dl>
        <form method="dialog">
          <button type="submit" class="button">Close</button>
        </form>
      </dialog>
    </SharedContext.Provider>
  );
}

function Side({ route, session, link, onLoggedOut }: {
  readonly route: Route;
  readonly session: Session;
  readonly link: LinkState;
  readonly onLoggedOut: () => void;
}) {
  const [theme, setTheme] = useState(chosenTheme());
  const leave = async () => {
    await logOut();
    onLoggedOut();
  };
  const turn = () => {
    chooseTheme(nextTheme(theme));
    setTheme(nextTheme(theme));
  };
  return (
    <header class="side">
      <a class="brand" href="#/">
        <img src="/dashboard/icon.svg" alt="" width="20" height="20" />Tradewind
      </a>
      <nav aria-label="Pages">
        {PAGES.map(([key, label]) => (
          <a
            key={key}
            href={`#/${key}`}
            aria-current={(route.parts[0] ?? "") === key ? "page" : undefined}
          >
            {label}
          </a>
        ))}
      </nav>
      <div class="foot">
        <span class={`link ${link}`} role="status">
          {link === "connected" ? "Live" : link === "connecting" ? "Connecting" : "Head is away"}
        </span>
        {!session.mayAct && <span class="badge">read-only</span>}
        <button type="button" class="plain" onClick={turn} aria-label={`Colours: ${theme}`}>
          {theme === "auto" ? "Auto" : theme === "light" ? "Light" : "Dark"}
        </button>
        <button type="button" class="plain" onClick={leave}>Log out</button>
      </div>
    </header>
  );
}

function Page({ route }: { readonly route: Route }) {
  const [page = "", id] = route.parts;
  switch (page) {
    case "":
      return <OverviewPage />;
    case "runs":
      return id === undefined
        ? <RunsPage route={route} />
        : <RunPage key={id} runId={id} route={route} />;
    case "deployments":
      return <DeploymentsPage />;
    case "nodes":
      return id === undefined
        ? <NodesPage route={route} />
        : <NodePage key={id} nodeId={id} route={route} />;
    case "tasks":
      return id === undefined || id === "ended"
        ? <TasksPage route={route} />
        : <TaskPage key={id} taskId={id} />;
    case "actors":
      return <ActorsPage />;
    case "failures":
      return <FailuresPage />;
    case "logs":
      return (
        <>
          <h1>Logs</h1>
          <LogView scope={{}} />
        </>
      );
    default:
      return (
        <Empty title="There is no such page">
          <a href="#/">To the overview</a>
        </Empty>
      );
  }
}

function useTitle({ parts }: Route): void {
  const [page = "", id] = parts;
  const label = PAGES.find(([key]) => key === page)?.[1] ?? "Tradewind";
  useEffect(() => {
    document.title = `${id ?? label} · Tradewind`;
  }, [label, id]);
}

/** The hash is the page's address, so that a link cannot jump by it. */
function skipToMain(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
