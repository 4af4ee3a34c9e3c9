import { shellQuote } from "./host.ts";

/** Prints the process that serves a session and when it began, which tells it from a later one of the same number;
 * nothing when it is no SSH server's. */
const SESSION_OF =
  `session_of() { case "$(cat "/proc/$1/comm" 2>/dev/null)" in sshd*) echo "$1 $(cut -d ' ' -f 22 "/proc/$1/stat")";; esac; }`;

/** The command that notes in a folder which session runs it, and ends the one that was noted before. A server does not
 * see that a client was cut off, and keeps the tunnel's port of such a session open for hours. */
export function noteSessionCommand(dir: string): string {
  const file = noteIn(dir);
  return `( set +e; ${SESSION_OF}; ours="$(session_of "$PPID")"; ` +
    `if [ "$ours" != "$(cat ${file} 2>/dev/null)" ]; then ${endSessionCommand(dir)}; fi; ` +
    `{ [ -z "$ours" ] || echo "$ours" > ${file}; } 2>/dev/null; true )`;
}

/** The command that ends the session noted in a folder, if it is still there, and returns when it has ended. */
export function endSessionCommand(dir: string): string {
  const file = noteIn(dir);
  return `( set +e; ${SESSION_OF}; read -r pid rest 2>/dev/null < ${file} || exit 0; ` +
    `is_there() { [ "$(session_of "$pid")" = "$pid $rest" ]; }; if is_there; then kill "$pid"; fi; tries=0; ` +
    `while is_there && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done; ` +
    `if is_there; then kill -KILL "$pid"; fi; rm -f ${file} )`;
}

function noteIn(dir: string): string {
  return shellQuote(`${dir}/session`);
}
