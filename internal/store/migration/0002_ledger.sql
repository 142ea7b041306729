-- The ledger: one row per request by a known key. Times are Unix
-- microseconds, durations nanoseconds, money nano-dollars. Text that does not
-- apply is empty.

-- +goose Up

-- What a request has in common with the others of its session, kept once: it
-- is half of a row's size and of the time it takes to write one. A profile may
-- be here more than once; what counts is what it says.
CREATE TABLE profile (
    profile_id     INTEGER PRIMARY KEY,
    key            TEXT   NOT NULL,
    developer      TEXT   NOT NULL,
    service        TEXT   NOT NULL,
    team           TEXT   NOT NULL,
    session        TEXT   NOT NULL,
    agent          TEXT   NOT NULL,
    parent_agent   TEXT   NOT NULL,
    request_class  TEXT   NOT NULL,
    client         TEXT   NOT NULL,
    device         TEXT   NOT NULL,
    account        TEXT   NOT NULL,
    door           TEXT   NOT NULL,
    operation      TEXT   NOT NULL,
    model          TEXT   NOT NULL,
    upstream       TEXT   NOT NULL,
    upstream_model TEXT   NOT NULL,
    served_model   TEXT   NOT NULL,
    stream         BIGINT NOT NULL, -- 0 or 1
    speed          TEXT   NOT NULL,
    geo            TEXT   NOT NULL,
    service_tier   TEXT   NOT NULL
);

-- The id sorts by time, so its index also serves every range of time and the
-- order of every listing.
CREATE TABLE request (
    id         TEXT   NOT NULL PRIMARY KEY CHECK (id <> ''),
    time       BIGINT NOT NULL, -- arrival
    profile_id BIGINT NOT NULL REFERENCES profile (profile_id),
    prompt     TEXT   NOT NULL,
    status     BIGINT NOT NULL,

    input_tokens          BIGINT NOT NULL,
    cache_write_5m_tokens BIGINT NOT NULL,
    cache_write_1h_tokens BIGINT NOT NULL,
    cache_read_tokens     BIGINT NOT NULL,
    output_tokens         BIGINT NOT NULL,
    thinking_tokens       BIGINT NOT NULL, -- a part of output_tokens
    web_searches          BIGINT NOT NULL,
    iterations            TEXT   NOT NULL, -- JSON list, empty when there are none
    cost_nano_usd         BIGINT NOT NULL,
    estimated             BIGINT NOT NULL, -- 0 or 1
    interrupted           BIGINT NOT NULL, -- 0 or 1

    first_byte_ns BIGINT NOT NULL,
    duration_ns   BIGINT NOT NULL,

    stop_reason         TEXT   NOT NULL,
    upstream_request_id TEXT   NOT NULL,
    request_digest      TEXT   NOT NULL,
    forwarded_digest    TEXT   NOT NULL,
    response_digest     TEXT   NOT NULL,
    request_bytes       BIGINT NOT NULL,
    response_bytes      BIGINT NOT NULL,
    splices             TEXT   NOT NULL, -- JSON list, empty when there are none
    error               TEXT   NOT NULL
);
