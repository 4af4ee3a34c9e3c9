/** What the page may do here. */
export interface Session {
  readonly isLoggedIn: boolean;
  readonly mayAct: boolean;
  readonly csrf: string;
}

/** Asks the head who we are. */
export async function readSession(): Promise<Session> {
  const answer = await fetch("/api/v1/session");
  return await answer.json();
}

/** Logs in; undefined when it worked, else why not. */
export async function logIn(token: string, view: boolean): Promise<string | undefined> {
  const answer = await fetch("/api/v1/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, view }),
  }).catch(() => undefined);
  if (answer === undefined) return "The head does not answer";
  return answer.ok ? undefined : (await answer.json()).error;
}

/** Ends the session. */
export async function logOut(): Promise<void> {
  await fetch("/api/v1/session", { method: "DELETE" });
}

/** Does something; undefined when it is under way, else why not. */
export async function postAction({ csrf }: Session, path: string): Promise<string | undefined> {
  const answer = await fetch(path, { method: "POST", headers: { "x-csrf-token": csrf } })
    .catch(() => undefined);
  if (answer === undefined) return "The head does not answer";
  return answer.ok ? undefined : (await answer.json()).error;
}
