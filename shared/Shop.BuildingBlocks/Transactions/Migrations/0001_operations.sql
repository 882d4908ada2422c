CREATE TABLE operations (
    order_id BIGINT NOT NULL,
    name     TEXT   NOT NULL,
    outcome  INTEGER NOT NULL,
    reason   TEXT,
    at       BIGINT NOT NULL,
    PRIMARY KEY (order_id, name)
);
