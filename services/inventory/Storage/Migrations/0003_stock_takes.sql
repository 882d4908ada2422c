-- Every correction by a count; its difference is in stock.received too, as a receipt's quantity is.
CREATE TABLE stock_takes (
    id      TEXT   PRIMARY KEY,
    sku     TEXT   NOT NULL,
    book    BIGINT NOT NULL,
    counted BIGINT NOT NULL CHECK (counted >= 0),
    token   BIGINT NOT NULL,
    who     TEXT   NOT NULL,
    at      BIGINT NOT NULL
);
