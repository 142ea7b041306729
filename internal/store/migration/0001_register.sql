-- The register: who may ask. Times are Unix microseconds, 0 means never.

-- +goose Up
CREATE TABLE team (
    name TEXT NOT NULL PRIMARY KEY CHECK (name <> '')
);

-- A developer who is removed stays here, so that the keys still have an owner.
CREATE TABLE developer (
    email      TEXT   NOT NULL PRIMARY KEY CHECK (email <> ''),
    name       TEXT   NOT NULL DEFAULT '',
    team       TEXT   REFERENCES team (name),
    removed_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX developer_team ON developer (team);

CREATE TABLE service (
    name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
    team TEXT REFERENCES team (name)
);
CREATE INDEX service_team ON service (team);

-- A key's team is what it was when the key was made; it may outlive the team.
CREATE TABLE gateway_key (
    id           TEXT   NOT NULL PRIMARY KEY CHECK (id <> ''),
    developer    TEXT   REFERENCES developer (email),
    service      TEXT   REFERENCES service (name),
    team         TEXT   NOT NULL DEFAULT '',
    label        TEXT   NOT NULL DEFAULT '',
    models       TEXT   NOT NULL DEFAULT '', -- JSON list of globs; empty: every model
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL DEFAULT 0,
    revoked_at   BIGINT NOT NULL DEFAULT 0,
    last_used_at BIGINT NOT NULL DEFAULT 0,
    CHECK ((developer IS NULL) <> (service IS NULL))
);
CREATE INDEX gateway_key_developer ON gateway_key (developer);
CREATE INDEX gateway_key_service ON gateway_key (service);

-- The keyed hashes of the strings that open a key, in hex. Never the strings.
CREATE TABLE gateway_key_secret (
    hash       TEXT   NOT NULL PRIMARY KEY CHECK (hash <> ''),
    key_id     TEXT   NOT NULL REFERENCES gateway_key (id),
    position   BIGINT NOT NULL,
    expires_at BIGINT NOT NULL DEFAULT 0,
    UNIQUE (key_id, position)
);
