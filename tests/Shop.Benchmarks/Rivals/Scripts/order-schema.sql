-- One order as three services' tables in one database: nothing between the statements and the disk but PostgreSQL.
CREATE TABLE stock (sku INT PRIMARY KEY, on_hand BIGINT NOT NULL, reserved BIGINT NOT NULL);
CREATE TABLE wallet (id INT PRIMARY KEY, balance BIGINT NOT NULL);
CREATE TABLE orders (id BIGINT PRIMARY KEY, customer INT NOT NULL, status INT NOT NULL, total BIGINT NOT NULL);
CREATE TABLE reservation (order_id BIGINT PRIMARY KEY, sku INT NOT NULL, quantity INT NOT NULL, state INT NOT NULL);
CREATE TABLE payment (order_id BIGINT PRIMARY KEY, wallet INT NOT NULL, amount BIGINT NOT NULL, state INT NOT NULL);
INSERT INTO stock SELECT i, 1000000000, 0 FROM generate_series(1, 1000) i;
INSERT INTO wallet SELECT i, 1000000000000 FROM generate_series(1, 10000) i;
VACUUM ANALYZE;
