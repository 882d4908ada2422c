CREATE TABLE customers (
    id            BIGINT PRIMARY KEY,
    name          TEXT   NOT NULL,
    name_key      TEXT   NOT NULL UNIQUE,
    password_hash TEXT   NOT NULL,
    created_at    BIGINT NOT NULL
);

-- The checks are a second line: the code decides first, and whatever slips past it rolls back instead of being overdrawn.
CREATE TABLE wallets (
    customer_id BIGINT PRIMARY KEY,
    currency    TEXT   NOT NULL,
    balance     BIGINT NOT NULL CHECK (balance >= 0),
    held        BIGINT NOT NULL CHECK (held >= 0),
    version     BIGINT NOT NULL
);

CREATE TABLE payments (
    order_id    BIGINT PRIMARY KEY,
    customer_id BIGINT NOT NULL,
    amount      BIGINT NOT NULL,
    currency    TEXT   NOT NULL,
    state       TEXT   NOT NULL
);

CREATE TABLE ledger_entries (
    id             BIGINT PRIMARY KEY,
    transaction_id BIGINT NOT NULL,
    customer_id    BIGINT,
    account        TEXT   NOT NULL,
    amount         BIGINT NOT NULL,
    kind           TEXT   NOT NULL,
    order_id       BIGINT,
    at             BIGINT NOT NULL
);

CREATE INDEX ledger_entries_of_customer ON ledger_entries (customer_id, id) WHERE customer_id IS NOT NULL;

CREATE TABLE deposits (
    id              BIGINT PRIMARY KEY,
    idempotency_key TEXT   NOT NULL UNIQUE,
    fingerprint     TEXT   NOT NULL,
    customer_id     BIGINT NOT NULL,
    amount          BIGINT NOT NULL,
    created_at      BIGINT NOT NULL
);
