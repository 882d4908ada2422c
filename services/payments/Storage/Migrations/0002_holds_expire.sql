ALTER TABLE payments ADD COLUMN expires_at BIGINT;

-- Only what is authorized is in it.
CREATE INDEX payments_expiring ON payments (expires_at) WHERE expires_at IS NOT NULL AND state = 'authorized';
