CREATE TABLE orders (
    id               BIGINT PRIMARY KEY,
    customer_id      BIGINT NOT NULL,
    request_key      TEXT   NOT NULL,
    fingerprint      TEXT   NOT NULL,
    checkout         TEXT   NOT NULL,
    status           INTEGER NOT NULL,
    reason           TEXT,
    lines_json       TEXT   NOT NULL,
    total_amount     BIGINT NOT NULL,
    currency         TEXT   NOT NULL,
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    version          INTEGER NOT NULL,
    step             INTEGER NOT NULL,
    awaiting         INTEGER NOT NULL,
    cancel_requested BOOLEAN NOT NULL,
    attempts         INTEGER NOT NULL,
    due_at           BIGINT,
    history_text     TEXT   NOT NULL
);

-- One (customer, Idempotency-Key) makes at most one order, whoever else is writing.
CREATE UNIQUE INDEX orders_request_key ON orders (request_key);

CREATE INDEX orders_of_customer ON orders (customer_id, id);

-- Only orders that wait for an answer are in it, so it stays as small as what is in flight.
CREATE INDEX orders_due ON orders (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE products (
    sku            TEXT   PRIMARY KEY,
    name           TEXT   NOT NULL,
    price_amount   BIGINT NOT NULL,
    price_currency TEXT   NOT NULL,
    version        BIGINT NOT NULL
);
