-- Only ever added to.
CREATE TABLE audit (
    id      BIGINT PRIMARY KEY,
    at      BIGINT NOT NULL,
    who     TEXT   NOT NULL,
    action  TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    before  TEXT,
    after   TEXT
);

CREATE INDEX audit_of_subject ON audit (subject, id);
