CREATE TABLE reconciliation_runs (
    id          BIGINT PRIMARY KEY,
    slot        BIGINT,
    started_by  TEXT   NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT,
    error       TEXT,
    orders      BIGINT NOT NULL,
    in_flight   BIGINT NOT NULL,
    found       INTEGER NOT NULL,
    corrected   INTEGER NOT NULL,
    proposed    INTEGER NOT NULL,
    is_complete BOOLEAN NOT NULL
);

-- One scheduled run for each interval, whichever replica comes first.
CREATE UNIQUE INDEX reconciliation_runs_slot ON reconciliation_runs (slot) WHERE slot IS NOT NULL;

-- Its id is made from what it is about and how often that was found before: two that find the same at once make one row.
CREATE TABLE differences (
    id          TEXT   PRIMARY KEY,
    kind        TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    occurrence  INTEGER NOT NULL,
    what        TEXT   NOT NULL,
    evidence    TEXT   NOT NULL,
    correction  TEXT   NOT NULL,
    customer_id BIGINT,
    amount      BIGINT,
    currency    TEXT,
    automatic   BOOLEAN NOT NULL,
    state       INTEGER NOT NULL,
    found_by    TEXT   NOT NULL,
    found_at    BIGINT NOT NULL,
    first_run   BIGINT NOT NULL,
    last_run    BIGINT NOT NULL,
    decided_by  TEXT,
    decided_at  BIGINT,
    outcome     TEXT
);

CREATE UNIQUE INDEX differences_of_subject ON differences (kind, subject, occurrence);

-- 1 and 2: proposed, approved.
CREATE INDEX differences_open ON differences (state, id) WHERE state <= 2;
