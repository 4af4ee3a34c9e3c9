/** Counts up with every change of the tables. */
export const SCHEMA_VERSION = 3;

/** The tables of a flow store. */
export const FLOW_SCHEMA = `
  CREATE TABLE flow_runs (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    parent_run_id TEXT, -- NULL: nobody's child
    flow_name TEXT NOT NULL,
    parameters TEXT NOT NULL, -- a summary for people
    arguments TEXT, -- the arguments as JSON; NULL: they are no JSON
    module TEXT, -- with export_name: where another process finds the flow; NULL: it cannot
    export_name TEXT,
    deployment TEXT, -- NULL: it was not started by one
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    execution INTEGER NOT NULL,
    owner_pid INTEGER NOT NULL, -- 0: nobody has executed it
    created_at_ms REAL NOT NULL,
    started_at_ms REAL,
    updated_at_ms REAL NOT NULL
  );
  CREATE INDEX flow_runs_by_name ON flow_runs (flow_name, id);
  CREATE INDEX flow_runs_by_parent ON flow_runs (parent_run_id) WHERE parent_run_id IS NOT NULL;
  CREATE INDEX open_flow_runs ON flow_runs (state)
    WHERE state IN ('Scheduled', 'Pending', 'Running', 'Retrying', 'Paused', 'Cancelling');
  CREATE TABLE task_runs (
    flow_run INTEGER NOT NULL REFERENCES flow_runs (id),
    seq INTEGER NOT NULL,
    execution INTEGER NOT NULL,
    task_name TEXT NOT NULL,
    arguments TEXT NOT NULL,
    needs TEXT NOT NULL, -- seqs of the task runs whose results it was given, with commas between
    cache_key TEXT,
    tags TEXT NOT NULL, -- each with a comma before and after
    cluster_task TEXT, -- of its last attempt on a cluster
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    created_at_ms REAL NOT NULL,
    started_at_ms REAL,
    updated_at_ms REAL NOT NULL,
    PRIMARY KEY (flow_run, seq)
  ) WITHOUT ROWID;
  CREATE INDEX running_tasks ON task_runs (flow_run, seq) WHERE state = 'Running';
  CREATE TABLE run_requests (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    type TEXT NOT NULL,
    reason TEXT NOT NULL
  );
  CREATE TABLE approvals (
    run_id TEXT NOT NULL,
    name TEXT NOT NULL,
    prompt TEXT NOT NULL,
    asked_at_ms REAL NOT NULL,
    decision TEXT, -- approved or rejected; NULL: nobody has decided
    note TEXT NOT NULL,
    decided_at_ms REAL,
    PRIMARY KEY (run_id, name)
  ) WITHOUT ROWID;
  CREATE TABLE deployments (
    name TEXT PRIMARY KEY,
    module TEXT NOT NULL,
    export_name TEXT NOT NULL,
    flow_name TEXT NOT NULL,
    arguments TEXT NOT NULL, -- a JSON array
    schedule TEXT, -- JSON; NULL: it runs when somebody asks for it
    is_paused INTEGER NOT NULL,
    planned_until_ms REAL NOT NULL -- what is due up to this time has its runs
  ) WITHOUT ROWID;
  CREATE TABLE notifications (
    name TEXT PRIMARY KEY,
    target TEXT NOT NULL, -- JSON
    states TEXT NOT NULL -- each with a comma before and after
  ) WITHOUT ROWID;
  CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    notification TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at_ms REAL NOT NULL
  );
  CREATE TABLE limits (
    name TEXT PRIMARY KEY, -- a tag, or flow: and the name of a flow
    max_running INTEGER, -- NULL: any number
    starts INTEGER, -- NULL: any number
    per_ms REAL
  ) WITHOUT ROWID;
  CREATE TABLE limited_starts (
    name TEXT NOT NULL,
    at_ms REAL NOT NULL
  );
  CREATE INDEX limited_starts_by_time ON limited_starts (name, at_ms);
  CREATE TABLE transitions (
    flow_run INTEGER NOT NULL REFERENCES flow_runs (id),
    n INTEGER NOT NULL,
    task_seq INTEGER, -- NULL: the flow run's own
    at_ms REAL NOT NULL,
    from_state TEXT, -- NULL: the run was made
    to_state TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (flow_run, n)
  ) WITHOUT ROWID;
  CREATE TABLE logs (
    flow_run INTEGER NOT NULL REFERENCES flow_runs (id),
    n INTEGER NOT NULL,
    task_seq INTEGER, -- NULL: the flow's own function
    at_ms REAL NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (flow_run, n)
  ) WITHOUT ROWID;
  CREATE TABLE artifacts (
    id INTEGER PRIMARY KEY,
    flow_run INTEGER NOT NULL REFERENCES flow_runs (id),
    task_seq INTEGER NOT NULL, -- 0: the flow's own function
    name TEXT NOT NULL,
    cache_key TEXT, -- of its task run: a cached one has the artifacts of the one that was computed
    content TEXT NOT NULL, -- JSON
    updated_at_ms REAL NOT NULL,
    UNIQUE (flow_run, task_seq, name)
  );
  CREATE INDEX artifacts_by_key ON artifacts (cache_key) WHERE cache_key IS NOT NULL;
  CREATE TABLE staged_results (
    id INTEGER PRIMARY KEY, -- ascends in the order of their staging
    run_id TEXT NOT NULL,
    task_seq INTEGER NOT NULL,
    transaction_name TEXT NOT NULL,
    task_name TEXT NOT NULL,
    module TEXT NOT NULL,
    has_hook INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (run_id, task_seq)
  );
  CREATE TABLE cache (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    task_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    created_at_ms REAL NOT NULL,
    bytes BLOB -- NULL: in a file of its own
  );
  CREATE INDEX cache_by_age ON cache (id, key, size_bytes);
`;
