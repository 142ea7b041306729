-- The time of the audit log's oldest records is over at last: chains begin later
-- than with their first record. Times are Unix microseconds.

-- +goose Up

-- How many records of a chain are retired, and the hash of the last of them, to
-- which the next one is bound.
ALTER TABLE audit_chain ADD COLUMN retired BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit_chain ADD COLUMN retired_hash TEXT NOT NULL DEFAULT '';

-- Signed notes, each of which says how far chains were retired: as far as a
-- checkpoint had committed to them.
CREATE TABLE audit_retirement (
    size BIGINT NOT NULL PRIMARY KEY, -- of the checkpoint's tree
    time BIGINT NOT NULL,
    note TEXT   NOT NULL
);
