ALTER TABLE reservations ADD COLUMN expires_at BIGINT;

-- Only what is held with an expiry is in it.
CREATE INDEX reservations_expiring ON reservations (expires_at) WHERE expires_at IS NOT NULL AND state = 'held';
