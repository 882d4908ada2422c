CREATE TABLE products (
    sku            TEXT   PRIMARY KEY,
    name           TEXT   NOT NULL,
    description    TEXT   NOT NULL,
    search_text    TEXT   NOT NULL,
    price_amount   BIGINT NOT NULL CHECK (price_amount > 0),
    price_currency TEXT   NOT NULL,
    version        BIGINT NOT NULL
);

-- The checks are a second line: the code decides first, and whatever slips past it rolls back instead of being sold twice.
CREATE TABLE stock (
    sku       TEXT   PRIMARY KEY,
    available BIGINT NOT NULL CHECK (available >= 0),
    reserved  BIGINT NOT NULL CHECK (reserved >= 0),
    sold      BIGINT NOT NULL CHECK (sold >= 0),
    received  BIGINT NOT NULL,
    version   BIGINT NOT NULL,
    CHECK (available + reserved + sold = received)
);

CREATE TABLE reservations (
    order_id BIGINT PRIMARY KEY,
    lines    TEXT   NOT NULL,
    state    TEXT   NOT NULL
);

CREATE TABLE receipts (
    id       TEXT   PRIMARY KEY,
    sku      TEXT   NOT NULL,
    quantity BIGINT NOT NULL,
    at       BIGINT NOT NULL
);
