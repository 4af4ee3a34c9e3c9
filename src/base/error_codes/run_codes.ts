import type { ErrorEntry } from "./error_entry.ts";

/** Of flows, runs, ledgers and reports. */
export const RUN_CODES = {
  "backtest/bad-splits": {
    meaning: "The rows cannot be cut into the splits of the cross-validation.",
    advice: "Change backtest.cross_validation, or give prices with more history.",
  },
  "backtest/no-candidate": {
    meaning: "No symbol of the prices may be used.",
    advice: "Loosen section discovery of the manifest.",
  },
  "backtest/too-few-rows": {
    meaning: "The prices have too few rows for one window of training and test.",
    advice: "Give prices with more history, or make backtest.train and backtest.test smaller.",
  },
  "flow/bad-arguments": {
    meaning: "A flow or a task was called with arguments that its schema does not take.",
    advice: "Give arguments as the message expects them.",
  },
  "flow/bad-schedule": {
    meaning: "A schedule has no such times: a bad pattern, time zone or interval.",
    advice:
      'Give a cron pattern of five fields, for instance "30 6 * * 1-5", or a time above zero.',
  },
  "flow/bad-store": {
    meaning: "The store of flows is not there, or is no such file.",
    advice: "A run of a flow makes one; --store names another.",
  },
  "flow/cancelled": {
    meaning: "The run was cancelled. What it has done is kept.",
    advice: "Run it again under the same run id to go on from there.",
  },
  "flow/cannot-load": {
    meaning: "The module of a flow cannot be imported.",
    advice: "Check its path, and run deno check on it.",
  },
  "flow/no-cluster": {
    meaning: "A task wants a cluster, and the run was given none.",
    advice: "Use runLocal, or give the run a cluster.",
  },
  "flow/no-deployment": {
    meaning: "There is no deployment of that name.",
    advice: "deno task flow -- ls --deployments lists them.",
  },
  "flow/not-found": {
    meaning: "A module does not export the flow, or exports several and none was named.",
    advice: "Name the flow behind the file, for instance nightly.ts#nightly.",
  },
  "flow/other-version": {
    meaning: "The store of flows was written by another version of Tradewind.",
    advice: "Use that version, or another path: the store holds states and a cache.",
  },
  "flow/out-of-place": {
    meaning: "A function was called where it has no meaning, such as outside of a flow or a task.",
    advice: "Call it in the place that the message names.",
  },
  "flow/rejected": {
    meaning: "Somebody said no to what the run asked for.",
    advice: "Ask who answered; deno task flow -- show RUN names them.",
  },
  "flow/repeated-label": {
    meaning: "Two children of a run have the same label.",
    advice: "Give each call a label of its own, or none.",
  },
  "ledger/bad-proof": {
    meaning: "A file is no proof of a record.",
    advice: "Write the proof anew: deno task audit prove RUN_ID --line N.",
  },
  "ledger/bad-query": {
    meaning: "The SQL of a query cannot be run.",
    advice: "The table is called steps; the message has its columns.",
  },
  "ledger/damaged": {
    meaning: "The ledger was changed after it was written, or lacks what it must have.",
    advice: "Keep it as it is: what stands before the bad line can be trusted, nothing after it.",
  },
  "ledger/empty": {
    meaning: "The ledger has no record.",
    advice: "The run has not begun, or the file is another one: check the run id and --out.",
  },
  "ledger/no-anchor": {
    meaning: "The head of a ledger cannot be kept in, or read from, the bucket of its anchor.",
    advice: "Check the bucket, its Object Lock, and the permissions that the message names.",
  },
  "ledger/no-line": {
    meaning: "The ledger has no line of that number.",
    advice: "deno task audit query RUN_ID shows the lines.",
  },
  "ledger/other-run": {
    meaning: "The ledger at that place is of another run.",
    advice: "Give another run id or output folder.",
  },
  "meta/bad-candidate": {
    meaning: "A sleeve chooses a candidate that its profile does not backtest.",
    advice: "Choose among what the profile has, or add it to the profile.",
  },
  "meta/changed-file": {
    meaning: "A file of a sleeve's run is gone, or is not what the ledger of the run says.",
    advice: "Run the sleeve anew, without run_id.",
  },
  "meta/too-few-days": {
    meaning: "The sleeves share too few days to be weighed.",
    advice: "Lower meta.train, or give sleeves whose backtests reach over the same days.",
  },
  "meta/unfit-run": {
    meaning: "A run cannot be taken for a sleeve: it is not completed, or of another profile.",
    advice: "Name a completed run of the sleeve's profile, or take its run_id out.",
  },
  "mirror/damaged": {
    meaning: "The copy of a run in a remote is not what it should be.",
    advice: "It cannot be opened from there: go on where the run is whole, or start another.",
  },
  "mirror/not-found": {
    meaning: "The remote has no such run, or not enough of it to go on.",
    advice: "Check the run id, and that this is the remote that the run was mirrored to.",
  },
  "mirror/taken": {
    meaning: "Another machine goes on with the same run.",
    advice: "End one of the two: what this one has done stays here.",
  },
  "replay/changed-input": {
    meaning: "What a step was computed from is gone, or is not what it was.",
    advice: "Bring the file back as it was: only then can the step be computed again.",
  },
  "replay/no-step": {
    meaning: "No step of the run fits what was asked for.",
    advice: "deno task audit query RUN_ID shows the steps.",
  },
  "replay/not-replayable": {
    meaning: "Steps of that kind cannot be computed again.",
    advice: "Narrow the replay by --step to one of those that the message names.",
  },
  "report/unreadable": {
    meaning: "A file is no report, or one of another version.",
    advice: "Run the profile again: what is in the cache is not computed anew.",
  },
  "run/bad-id": {
    meaning: "A text cannot be the id of a run.",
    advice: 'Use letters, digits, "_" and "-".',
  },
  "run/changed-input": {
    meaning: "A file that the run began with was changed since.",
    advice: "Bring it back as it was, or start another run.",
  },
  "run/completed": {
    meaning: "The run is completed, and a completed run is never changed.",
    advice: "Give another run id: what has not changed comes from the cache.",
  },
  "run/exists": {
    meaning: "There is a run of that id already.",
    advice: "Go on with it by --resume, or give another --run-id.",
  },
  "run/in-progress": {
    meaning: "Another process is executing the run.",
    advice: "Wait until it has ended, stop it, or give another run id.",
  },
  "run/no-report": {
    meaning: "The run has no report.",
    advice: "A run has one once it has ended; --out DIR names another output folder.",
  },
  "run/not-asked": {
    meaning: "A run waits for no such answer, or has it already.",
    advice: "deno task flow -- show RUN tells what it waits for.",
  },
  "run/not-found": {
    meaning: "There is no such run in the output folder or the store.",
    advice: "Check the run id, and the folder or store that was named.",
  },
  "run/not-resumable": {
    meaning: "The run cannot be gone on with from here.",
    advice: "Run it again from its own program: what it has done is in the cache.",
  },
  "run/other-flow": {
    meaning: "The run id belongs to a run of another flow.",
    advice: "Give another run id.",
  },
  "run/unwritable-folder": {
    meaning: "The output folder cannot be written.",
    advice: "Give another one by --out DIR, or mend its permissions.",
  },
  "run/wrong-state": {
    meaning: "The run is in a state in which that cannot be done.",
    advice: "deno task flow -- show RUN tells its state.",
  },
} as const satisfies Record<string, ErrorEntry>;
