CREATE TABLE outbox (
    destination TEXT   NOT NULL,
    id          BIGINT NOT NULL,
    count       INTEGER NOT NULL,
    payload     TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (destination, id)
);

CREATE TABLE dead_letters (
    id         TEXT   PRIMARY KEY,
    source     TEXT   NOT NULL,
    payload    TEXT   NOT NULL,
    error      TEXT   NOT NULL,
    arrivals   INTEGER NOT NULL,
    first_at   BIGINT NOT NULL,
    last_at    BIGINT NOT NULL
);
