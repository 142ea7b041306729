-- Keys for pipelines: which tokens were exchanged, and the keys that were issued
-- for them. Times are Unix microseconds.

-- +goose Up

-- Tokens that have had their key, until they expire: a restart must not forget them.
CREATE TABLE exchanged_token (
    digest     TEXT   NOT NULL PRIMARY KEY CHECK (digest <> ''),
    expires_at BIGINT NOT NULL
);
CREATE INDEX exchanged_token_end ON exchanged_token (expires_at);

-- 1: the key was issued for a token, and is removed a while after it has expired.
ALTER TABLE gateway_key ADD COLUMN exchanged BIGINT NOT NULL DEFAULT 0;
CREATE INDEX gateway_key_exchanged ON gateway_key (expires_at) WHERE exchanged = 1;

-- Whose the keys were that are removed: rows of the ledger still name them.
CREATE TABLE former_key (
    id      TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    service TEXT NOT NULL
);
