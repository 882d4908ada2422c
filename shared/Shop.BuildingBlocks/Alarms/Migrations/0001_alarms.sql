-- One open row for each subject and cause. notify_at says when somebody is to be told next: of the alarm, of its end, or again.
CREATE TABLE alarms (
    id           BIGINT PRIMARY KEY,
    subject      TEXT   NOT NULL,
    cause        TEXT   NOT NULL,
    text         TEXT   NOT NULL,
    raised_at    BIGINT NOT NULL,
    last_at      BIGINT NOT NULL,
    count        BIGINT NOT NULL,
    resolved_at  BIGINT,
    notify_at    BIGINT,
    notify_tries INTEGER NOT NULL,
    notified_at  BIGINT,
    notified     INTEGER NOT NULL
);

CREATE UNIQUE INDEX alarms_open ON alarms (subject, cause) WHERE resolved_at IS NULL;

CREATE INDEX alarms_to_tell ON alarms (notify_at) WHERE notify_at IS NOT NULL;
