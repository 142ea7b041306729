-- Where a session came from that had to go to another upstream, and what it
-- left in a cache there.

-- +goose Up
ALTER TABLE request ADD COLUMN moved_from TEXT NOT NULL DEFAULT ''; -- an upstream; empty: it stayed
ALTER TABLE request ADD COLUMN moved_tokens BIGINT NOT NULL DEFAULT 0;
