-- kind 1: invoice, 2: credit note. Inserted once with the order's change of state, never changed.
CREATE TABLE invoices (
    kind      INTEGER NOT NULL,
    number    BIGINT  NOT NULL,
    order_id  BIGINT  NOT NULL,
    issued_at BIGINT  NOT NULL,
    PRIMARY KEY (kind, number)
);

-- One invoice for an order, and one credit note, whoever else confirms or cancels it.
CREATE UNIQUE INDEX invoices_of_order ON invoices (order_id, kind);

-- What was confirmed before there were invoices gets the first numbers.
INSERT INTO invoices (kind, number, order_id, issued_at)
SELECT 1, ROW_NUMBER() OVER (ORDER BY id), id, updated_at FROM orders WHERE status = 2;

INSERT INTO id_segments (name, next) SELECT 'invoice', 1 + COUNT(*) FROM orders WHERE status = 2;
