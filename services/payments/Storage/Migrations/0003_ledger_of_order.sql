-- What the ledger says of one order, beside what its payment says.
CREATE INDEX ledger_entries_of_order ON ledger_entries (order_id, id) WHERE order_id IS NOT NULL;
