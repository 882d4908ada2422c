CREATE TABLE settlements (
    day            INTEGER NOT NULL,
    currency       TEXT    NOT NULL,
    opened_at      BIGINT  NOT NULL,
    closed_at      BIGINT,
    captured       BIGINT  NOT NULL,
    refunded       BIGINT  NOT NULL,
    corrected      BIGINT  NOT NULL,
    bookings       BIGINT  NOT NULL,
    transaction_id BIGINT,
    PRIMARY KEY (day, currency)
);

-- Written with each booking of revenue, deleted with its sum: what is in it is in no settlement yet.
CREATE TABLE unsettled (
    entry_id BIGINT PRIMARY KEY,
    at       BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    amount   BIGINT NOT NULL,
    currency TEXT   NOT NULL
);

CREATE INDEX unsettled_at ON unsettled (at, entry_id);

INSERT INTO unsettled SELECT id, at, kind, amount, 'EUR' FROM ledger_entries WHERE account = 'revenue';
