-- The first number of each series that no process has been given yet.
CREATE TABLE id_segments (
    name TEXT   PRIMARY KEY,
    next BIGINT NOT NULL
);
