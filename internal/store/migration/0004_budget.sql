-- Cost control: how much may be spent, and how fast. Times are Unix
-- microseconds, money nano-dollars; 0 means never, and where a window begins
-- or ends, that it does not. Scopes and members are written as people write
-- them, "team:core"; a member is empty where all share.

-- +goose Up

-- What was set for the same scope, period, models and kind is one budget.
CREATE TABLE budget (
    id              TEXT   NOT NULL PRIMARY KEY CHECK (id <> ''),
    scope           TEXT   NOT NULL CHECK (scope <> ''),
    period          TEXT   NOT NULL CHECK (period IN ('day', 'week', 'month', 'total')),
    models          TEXT   NOT NULL, -- JSON list of globs, sorted; empty: all models
    each_member     BIGINT NOT NULL, -- 0 or 1
    hard            BIGINT NOT NULL, -- 0 or 1
    amount_nano_usd BIGINT NOT NULL CHECK (amount_nano_usd >= 0),
    enforce         TEXT   NOT NULL CHECK (enforce IN ('expected', 'strict')),
    alerts          TEXT   NOT NULL, -- JSON list of percentages; empty: those of the configuration
    created_at      BIGINT NOT NULL CHECK (created_at <> 0),
    UNIQUE (scope, period, models, each_member, hard)
);

-- A raise that has ended stays, as its trace.
CREATE TABLE budget_raise (
    id          TEXT   NOT NULL PRIMARY KEY CHECK (id <> ''),
    budget      TEXT   NOT NULL REFERENCES budget (id),
    member      TEXT   NOT NULL,
    by_nano_usd BIGINT NOT NULL CHECK (by_nano_usd > 0),
    from_time   BIGINT NOT NULL,
    until_time  BIGINT NOT NULL CHECK (until_time > from_time),
    reason      TEXT   NOT NULL,
    created_by  TEXT   NOT NULL
);
CREATE INDEX budget_raise_budget ON budget_raise (budget);

-- What the rows of the ledger have taken from a budget in one of its windows.
-- Whoever adds rows adds to the counters in the same transaction, and notes in
-- the setting counted_through how far they go. Rows must never fail to be added
-- because of a counter, so that nothing refers to the budget here.
CREATE TABLE budget_counter (
    budget         TEXT   NOT NULL,
    member         TEXT   NOT NULL,
    starts_at      BIGINT NOT NULL,
    ends_at        BIGINT NOT NULL,
    spent_nano_usd BIGINT NOT NULL,
    PRIMARY KEY (budget, member, starts_at)
);
CREATE INDEX budget_counter_end ON budget_counter (ends_at);

-- What was set for the same scope and models is one limit. 0 limits nothing.
CREATE TABLE rate_limit (
    id                       TEXT   NOT NULL PRIMARY KEY CHECK (id <> ''),
    scope                    TEXT   NOT NULL CHECK (scope <> ''),
    models                   TEXT   NOT NULL, -- JSON list of globs, sorted; empty: all models
    each_member              BIGINT NOT NULL, -- 0 or 1
    requests_per_minute      BIGINT NOT NULL CHECK (requests_per_minute >= 0),
    input_tokens_per_minute  BIGINT NOT NULL CHECK (input_tokens_per_minute >= 0),
    output_tokens_per_minute BIGINT NOT NULL CHECK (output_tokens_per_minute >= 0),
    concurrent               BIGINT NOT NULL CHECK (concurrent >= 0),
    count_tokens_per_minute  BIGINT NOT NULL CHECK (count_tokens_per_minute >= 0),
    created_at               BIGINT NOT NULL CHECK (created_at <> 0),
    UNIQUE (scope, models, each_member)
);

-- The form in which a key is written, empty for the key itself.
ALTER TABLE gateway_key ADD COLUMN style TEXT NOT NULL DEFAULT '';
