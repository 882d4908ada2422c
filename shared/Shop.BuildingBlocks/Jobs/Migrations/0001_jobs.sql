-- What all nodes know of a job. Fires, pauses and wishes of one job queue for its row.
CREATE TABLE jobs (
    name      TEXT   PRIMARY KEY,
    cron      TEXT   NOT NULL,
    since     BIGINT NOT NULL,
    paused_at BIGINT,
    paused_by TEXT,
    missed_at BIGINT
);

CREATE TABLE job_runs (
    id          BIGINT PRIMARY KEY,
    job         TEXT   NOT NULL,
    fire_id     TEXT   NOT NULL UNIQUE,
    due_at      BIGINT NOT NULL,
    started_by  TEXT   NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT,
    state       INTEGER NOT NULL,
    units       INTEGER NOT NULL,
    done        BIGINT NOT NULL,
    error       TEXT
);

CREATE INDEX job_runs_of_job ON job_runs (job, id);

-- A second line: whoever opens a run has looked for an open one already, under the lock of the job's row.
CREATE UNIQUE INDEX job_runs_open ON job_runs (job) WHERE finished_at IS NULL;

CREATE TABLE job_units (
    run_id   BIGINT NOT NULL,
    unit     INTEGER NOT NULL,
    job      TEXT   NOT NULL,
    state    INTEGER NOT NULL,
    epoch    BIGINT NOT NULL,
    node     TEXT,
    due_at   BIGINT NOT NULL,
    tries    INTEGER NOT NULL,
    progress TEXT,
    done     BIGINT NOT NULL,
    error    TEXT,
    PRIMARY KEY (run_id, unit)
);

-- 1 and 2: waiting, running. Only what somebody may still work on is in it.
CREATE INDEX job_units_open ON job_units (due_at) WHERE state <= 2;
