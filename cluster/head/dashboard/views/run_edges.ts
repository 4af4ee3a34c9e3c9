import type { RunEdge, RunStage } from "../schemas/runs.ts";

/** Stages among which the order of time is looked at; a graph of more is no help. */
const MAX_ORDERED = 60;

/** PURE: how the stages of a run hang together. Where results were seen being passed on, that; for the others their
 * order in time: A → B when A had ended before B began, and nothing was between them. A dynamic flow says no more. */
export function runEdges(
  stages: readonly RunStage[],
  reads: ReadonlyMap<string, ReadonlySet<string>>,
): RunEdge[] {
  const known = new Set(stages.map(({ name }) => name));
  const data = stages.flatMap(({ name }) =>
    [...reads.get(name) ?? []].filter((read) => read !== name && known.has(read))
      .map((read): RunEdge => ({ from: read, to: name, kind: "data" }))
  );
  const fed = new Set(data.map(({ to }) => to));
  const ordered = stages.filter(({ startedAtMs }) => startedAtMs !== undefined).slice(
    0,
    MAX_ORDERED,
  );
  const order = ordered.filter(({ name }) => !fed.has(name)).flatMap((stage) =>
    directlyBefore(stage, ordered).map((earlier): RunEdge => ({
      from: earlier.name,
      to: stage.name,
      kind: "order",
    }))
  );
  return [...data, ...order];
}

function directlyBefore(stage: RunStage, all: readonly RunStage[]): RunStage[] {
  const earlier = all.filter((other) => other !== stage && isBefore(other, stage));
  return earlier.filter((one) => !earlier.some((other) => other !== one && isBefore(one, other)));
}

function isBefore(a: RunStage, b: RunStage): boolean {
  if (a.endedAtMs === undefined || b.startedAtMs === undefined) return false;
  // Of two that take no time at one moment, the first in the list was first.
  return a.endedAtMs <= b.startedAtMs && (a.startedAtMs ?? 0) < b.startedAtMs;
}
