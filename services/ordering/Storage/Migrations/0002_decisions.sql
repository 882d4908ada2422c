-- Inserted once, never changed: the primary key lets one decision win.
CREATE TABLE decisions (
    order_id   BIGINT PRIMARY KEY,
    "commit"   BOOLEAN NOT NULL,
    decided_by TEXT    NOT NULL,
    at         BIGINT  NOT NULL
);
