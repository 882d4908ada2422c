-- What the watch found, one row for each look.
CREATE TABLE invariant_checks (
    id         BIGINT  PRIMARY KEY,
    epoch      BIGINT  NOT NULL,
    at         BIGINT  NOT NULL,
    holds      BOOLEAN NOT NULL,
    orders     BIGINT  NOT NULL,
    in_flight  BIGINT  NOT NULL,
    violations BIGINT  NOT NULL
);

CREATE INDEX invariant_checks_at ON invariant_checks (at);
