-- The outbox of alerts on budgets: one row for everybody who is told that a
-- threshold has been reached in a window. It stays when it has been delivered,
-- so that nobody is told again. Times are Unix microseconds, 0 means never.

-- +goose Up
CREATE TABLE alert (
    budget       TEXT   NOT NULL CHECK (budget <> ''),
    member       TEXT   NOT NULL, -- empty: shared
    starts_at    BIGINT NOT NULL, -- of the window; 0 for a total
    sink         TEXT   NOT NULL CHECK (sink <> ''),
    threshold    BIGINT NOT NULL, -- in per cent
    ends_at      BIGINT NOT NULL, -- of the window; 0 for a total
    raised_at    BIGINT NOT NULL,
    attempts     BIGINT NOT NULL DEFAULT 0, -- that have failed
    delivered_at BIGINT NOT NULL DEFAULT 0,
    given_up_at  BIGINT NOT NULL DEFAULT 0,
    error        TEXT   NOT NULL DEFAULT '', -- of the last attempt
    text         TEXT   NOT NULL, -- what is told, as JSON
    PRIMARY KEY (budget, member, starts_at, sink, threshold)
);
CREATE INDEX alert_waiting ON alert (sink, attempts, raised_at) WHERE delivered_at = 0 AND given_up_at = 0;
CREATE INDEX alert_end ON alert (ends_at);
