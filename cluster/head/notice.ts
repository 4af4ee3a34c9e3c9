/** What a head's notice is about, for those that filter and count them. */
export interface NoticeSubject {
  readonly level: "info" | "warning" | "error";
  /** In the past tense. */
  readonly event:
    | "request_refused"
    | "connection_closed"
    | "worker_dropped"
    | "worker_drained"
    | "token_rotated"
    | "stop_requested"
    | "task_cancelled"
    | "run_cancelled"
    | "run_retried"
    | "run_controlled"
    | "deployment_controlled"
    | "flow_noticed"
    | "disk_full"
    | "head_broken";
  /** The worker that it concerns, if it is one. */
  readonly workerId?: string;
}
