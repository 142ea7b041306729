-- The audit log: chains of records, each bound to the one before it by its
-- hash. Times are Unix microseconds.

-- +goose Up

-- People in the audit log have pseudonyms. What they stand for is here and
-- nowhere in the log, and goes when a person is erased.
CREATE TABLE person (
    id    TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    email TEXT NOT NULL UNIQUE CHECK (email <> '')
);

-- One chain for each process that has served. Only that process adds to it, in
-- the transaction of what the record is about.
CREATE TABLE audit_chain (
    chain_id  INTEGER PRIMARY KEY,
    name      TEXT    NOT NULL UNIQUE CHECK (name <> ''),
    begun_at  BIGINT  NOT NULL,
    length    BIGINT  NOT NULL DEFAULT 0,
    hash      TEXT    NOT NULL DEFAULT '', -- of the last record, in hex; empty before the first
    committed BIGINT  NOT NULL DEFAULT 0,  -- how many of its records the last checkpoint commits to
    ended_at  BIGINT  NOT NULL DEFAULT 0   -- when its process stopped, or was found to have died
);

-- place is chain_id * 2^40 + number: one tree, which each chain adds to at its end.
CREATE TABLE audit_record (
    place INTEGER PRIMARY KEY,
    line  TEXT NOT NULL -- what the hash is of
);

-- Where to find the records that are not about requests. Those about requests
-- are found by their rows.
CREATE TABLE audit_event (
    chain_id BIGINT NOT NULL,
    number   BIGINT NOT NULL,
    id       TEXT   NOT NULL UNIQUE CHECK (id <> ''),
    time     BIGINT NOT NULL,
    action   TEXT   NOT NULL,
    actor    TEXT   NOT NULL,
    object   TEXT   NOT NULL,
    outcome  TEXT   NOT NULL,
    PRIMARY KEY (chain_id, number)
) WITHOUT ROWID;
CREATE INDEX audit_event_action ON audit_event (action, id);
CREATE INDEX audit_event_actor ON audit_event (actor, id);
CREATE INDEX audit_event_object ON audit_event (object, id);
CREATE INDEX audit_event_outcome ON audit_event (outcome, id);

-- The record of a row; 0 where it has none, as rows of earlier binaries.
ALTER TABLE request ADD COLUMN audit_chain BIGINT NOT NULL DEFAULT 0;
ALTER TABLE request ADD COLUMN audit_number BIGINT NOT NULL DEFAULT 0;

-- What became of the bodies of a request beside their digests: empty, "sealed",
-- or "dropped_" and why.
ALTER TABLE request ADD COLUMN request_body TEXT NOT NULL DEFAULT '';
ALTER TABLE request ADD COLUMN response_body TEXT NOT NULL DEFAULT '';

-- What bodies are sealed to. The gateway has the private key only as it was
-- wrapped for the recipients; whoever deletes the row has closed for good
-- what was sealed to it.
CREATE TABLE person_key (
    public     TEXT   NOT NULL PRIMARY KEY CHECK (public <> ''), -- "age1…"
    person     TEXT   NOT NULL CHECK (person <> ''),             -- "psn_…", or "service:" and its name
    recipients TEXT   NOT NULL,                                  -- a digest of whom the private key is wrapped for
    wrapped    TEXT   NOT NULL,                                  -- the private key, encrypted with age; in base64
    created_at BIGINT NOT NULL
);
CREATE INDEX person_key_person ON person_key (person, created_at);

-- What checkpoints commit to: how far each chain had come, one line for each
-- chain that had come on. The lines are the leaves of a Merkle tree that only
-- grows; audit_hash has its nodes as the tlog package numbers them.
CREATE TABLE audit_leaf (
    position BIGINT NOT NULL PRIMARY KEY, -- from 0
    line     TEXT   NOT NULL
);
CREATE TABLE audit_hash (
    position BIGINT NOT NULL PRIMARY KEY,
    hash     TEXT   NOT NULL -- in hex
);
CREATE TABLE audit_checkpoint (
    size BIGINT NOT NULL PRIMARY KEY, -- of the tree
    time BIGINT NOT NULL,
    note TEXT   NOT NULL -- signed
);

-- How far each sink has been told, chain by chain. kind "checkpoint" counts the
-- checkpoints it has.
CREATE TABLE audit_cursor (
    sink     TEXT   NOT NULL,
    chain_id BIGINT NOT NULL, -- 0: checkpoints
    through  BIGINT NOT NULL,
    PRIMARY KEY (sink, chain_id)
);

-- Legal holds, until they are removed.
CREATE TABLE audit_hold (
    id         TEXT   NOT NULL PRIMARY KEY CHECK (id <> ''),
    scope      TEXT   NOT NULL CHECK (scope = 'org' OR scope LIKE 'developer:%'),
    reason     TEXT   NOT NULL CHECK (reason <> ''),
    created_at BIGINT NOT NULL,
    created_by TEXT   NOT NULL
);

-- To find the newest requests of anybody and anything: the profiles in question,
-- and the newest requests of each. Those that ended otherwise than well are few,
-- and often looked for among many.
CREATE INDEX request_profile ON request (profile_id, id);
CREATE INDEX request_amiss ON request (id) WHERE (status >= 400 OR error <> '');
CREATE INDEX request_profile_amiss ON request (profile_id, id) WHERE (status >= 400 OR error <> '');
CREATE INDEX profile_key ON profile (key);
CREATE INDEX profile_developer ON profile (developer);
CREATE INDEX profile_service ON profile (service);
CREATE INDEX profile_team ON profile (team);
CREATE INDEX profile_session ON profile (session);
CREATE INDEX profile_model ON profile (model);
CREATE INDEX profile_upstream ON profile (upstream);
