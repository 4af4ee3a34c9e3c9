import type { RunDetail } from "../../schemas/runs.ts";
import { ActionButton } from "../components/action_button.tsx";
import { Facts, Moment, Progress } from "../components/parts.tsx";
import { Status } from "../components/status.tsx";
import { formatCount, NOTHING } from "../format.ts";
import { href } from "../route.ts";
import { RunDuration } from "./runs.tsx";

/** What a run is, how far it is, what it asks, and what can be done to it. */
export function RunHead({ run, target }: { readonly run: RunDetail; readonly target: string }) {
  const { runId, parentRunId, name, state, startedAtMs, error, done, failed, running, waiting } =
    run;
  return (
    <>
      <div class="title">
        <p class="crumbs">
          <a href="#/runs">Runs</a>
        </p>
        <h1 class="id">{runId}</h1>
        <Status state={state} />
        <div class="actions">
          {run.canPause && (
            <ActionButton
              label="Pause"
              path={`${target}/pause`}
              question={`Pause run ${runId}? What runs goes on, nothing more is started.`}
            />
          )}
          {run.canResume && (
            <ActionButton
              label="Resume"
              path={`${target}/resume`}
              question={`Let run ${runId} go on?`}
            />
          )}
          {run.canRetry && (
            <ActionButton
              label="Retry"
              path={`${target}/retry`}
              question={`Go on with run ${runId}? What it has done stays; what is missing is done.`}
            />
          )}
          {run.canCancel && (
            <ActionButton
              label="Cancel"
              path={`${target}/cancel`}
              question={`Cancel run ${runId}? Its tasks end; what they have done stays.`}
              isDangerous
            />
          )}
        </div>
      </div>
      {run.endedAtMs === undefined && <Approvals run={run} target={target} />}
      {error !== undefined && <p class="cause" role="alert" tabIndex={0}>{error}</p>}
      <Facts
        rows={[
          { name: "Flow", value: name || "tasks alone" },
          ...(parentRunId === undefined ? [] : [{
            name: "Part of",
            value: <a href={href(["runs", parentRunId])} class="id">{parentRunId}</a>,
          }]),
          {
            name: "Started",
            value: startedAtMs === undefined ? NOTHING : <Moment atMs={startedAtMs} />,
          },
          { name: "Took", value: <RunDuration run={run} /> },
          {
            name: "Tasks",
            value: `${formatCount(done)} done (${formatCount(run.cached)} from the cache), ${
              formatCount(failed)
            } failed, ${formatCount(running)} running, ${formatCount(waiting)} waiting`,
          },
        ]}
      />
      <Progress label="Tasks" {...run} />
    </>
  );
}

function Approvals({ run, target }: { readonly run: RunDetail; readonly target: string }) {
  return (
    <>
      {run.approvals.filter(({ decision }) => decision === undefined).map(({ name, prompt }) => {
        const path = `${target}/approvals/${encodeURIComponent(name)}`;
        return (
          <section class="approval" key={name} aria-label={`Approval ${name}`}>
            <p>
              <b>{name}</b> {prompt}
            </p>
            <div class="actions">
              <ActionButton
                label="Approve"
                path={`${path}/approve`}
                question={`Approve? ${prompt}`}
              />
              <ActionButton
                label="Reject"
                path={`${path}/reject`}
                question={`Reject? ${prompt}`}
                isDangerous
              />
            </div>
          </section>
        );
      })}
    </>
  );
}
