-- A scheduled run is one of a job now, which claims it: see job_runs.
DROP INDEX reconciliation_runs_slot;

ALTER TABLE reconciliation_runs DROP COLUMN slot;

-- 1 and 4: pending, cancelling. Only what is under way is in it.
CREATE INDEX orders_under_way ON orders (id) WHERE status IN (1, 4);

-- Needs attention.
CREATE INDEX orders_for_attention ON orders (id) WHERE status = 6;
