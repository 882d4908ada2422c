-- token: the newest that was issued; used: the newest with which a guarded write was let through.
CREATE TABLE fences (
    resource TEXT   PRIMARY KEY,
    token    BIGINT NOT NULL,
    used     BIGINT NOT NULL
);

-- What "postgres-row" locks: the row has no other meaning.
CREATE TABLE lock_rows (
    resource TEXT PRIMARY KEY
);
