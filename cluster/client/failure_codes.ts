import type { ErrorCode } from "../../src/base/error_codes/error_codes.ts";
import type { ErrorKind } from "../scheduler/types.ts";

/** The code of each kind in which a task can fail. */
export const FAILURE_CODES: Readonly<Record<ErrorKind, ErrorCode>> = {
  thrown: "task/thrown",
  crashed: "task/crashed",
  out_of_memory: "task/out-of-memory",
  refused: "task/refused",
  timed_out: "task/timed-out",
  lost: "task/lost",
  dependency: "task/dependency",
  unschedulable: "task/unschedulable",
  unprepared: "task/unprepared",
  interrupted: "stream/interrupted",
  actor_lost: "actor/lost",
  actor_dead: "actor/dead",
};
