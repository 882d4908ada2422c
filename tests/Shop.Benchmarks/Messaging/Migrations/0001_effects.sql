-- What a message does: one row. Its key says nothing of the message, so that nothing but the record of the operation keeps a repeat out.
CREATE TABLE effects (
    id       BIGINT PRIMARY KEY,
    order_id BIGINT NOT NULL
);
