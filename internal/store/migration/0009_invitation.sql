-- Invitations: each is exchanged once for a key that no administrator ever sees.
-- Times are Unix microseconds, 0 for never; spans are microseconds.

-- +goose Up
CREATE TABLE invitation (
    id         TEXT   NOT NULL PRIMARY KEY CHECK (id <> ''),
    developer  TEXT   NOT NULL,
    label      TEXT   NOT NULL,
    style      TEXT   NOT NULL,
    models     TEXT   NOT NULL, -- a JSON list
    lifetime   BIGINT NOT NULL, -- of the key, until it is renewed; 0: it does not end
    hash       TEXT   NOT NULL CHECK (hash <> ''), -- keyed, of the whole code, in hex
    created_at BIGINT NOT NULL,
    created_by TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL DEFAULT 0,
    key_id     TEXT   NOT NULL DEFAULT '' -- what it became
);
CREATE INDEX invitation_developer ON invitation (developer);

-- For how long a key is renewed by whoever has it; 0: it is not.
ALTER TABLE gateway_key ADD COLUMN lifetime BIGINT NOT NULL DEFAULT 0;
