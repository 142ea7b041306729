-- Requests that were paid for with the developer's own subscription, in place of
-- the gateway's credential.

-- +goose Up
ALTER TABLE profile ADD COLUMN credential TEXT NOT NULL DEFAULT ''; -- "subscription"; empty: the gateway's
