-- The newest epoch of each exclusive duty. A write that carries an older one is refused in its own transaction.
CREATE TABLE duty_epochs (
    duty    TEXT   PRIMARY KEY,
    epoch   BIGINT NOT NULL,
    holder  TEXT   NOT NULL,
    since   BIGINT NOT NULL,
    refused BIGINT NOT NULL
);
