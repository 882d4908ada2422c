-- The tables of order-schema.sql, with ids that MassTransit makes.
CREATE TABLE stock (sku INT PRIMARY KEY, on_hand BIGINT NOT NULL, reserved BIGINT NOT NULL);
CREATE TABLE wallet (id INT PRIMARY KEY, balance BIGINT NOT NULL);
CREATE TABLE orders (id UUID PRIMARY KEY, customer INT NOT NULL, status INT NOT NULL, total BIGINT NOT NULL);
CREATE TABLE reservation (order_id UUID PRIMARY KEY, sku INT NOT NULL, quantity INT NOT NULL, state INT NOT NULL);
CREATE TABLE payment (order_id UUID PRIMARY KEY, wallet INT NOT NULL, amount BIGINT NOT NULL, state INT NOT NULL);
INSERT INTO stock SELECT i, 1000000000, 0 FROM generate_series(1, 1000) i;
INSERT INTO wallet SELECT i, 1000000000000 FROM generate_series(1, 10000) i;
VACUUM ANALYZE;
