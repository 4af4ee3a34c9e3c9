import { useRef, useState } from "preact/hooks";
import { useShared } from "../context.ts";
import { postAction } from "../session.ts";

/** A button that changes something at the head, once that was confirmed. Whoever may only look does not see it. */
export function ActionButton({ label, path, question, isDangerous }: {
  readonly label: string;
  readonly path: string;
  /** What will happen, in a sentence. */
  readonly question: string;
  readonly isDangerous?: boolean;
}) {
  const { session, say } = useShared();
  const dialog = useRef<HTMLDialogElement>(null);
  const [isBusy, setIsBusy] = useState(false);
  if (!session.mayAct) return null;
  const confirm = async () => {
    dialog.current?.close();
    setIsBusy(true);
    const problem = await postAction(session, path);
    setIsBusy(false);
    if (problem === undefined) say(`${label}: under way`, "good");
    else say(problem, "bad");
  };
  return (
    <>
      <button
        type="button"
        class={isDangerous ? "button danger" : "button"}
        disabled={isBusy}
        onClick={() => dialog.current?.showModal()}
      >
        {label}
      </button>
      <dialog ref={dialog} aria-label={label}>
        <p>{question}</p>
        <div class="actions">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>Back</button>
          <button
            type="button"
            class={isDangerous ? "button danger solid" : "button solid"}
            onClick={confirm}
          >
            {label}
          </button>
        </div>
      </dialog>
    </>
  );
}
