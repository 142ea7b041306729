-- What a running gateway notes for whoever opens the database after it: one
-- value under each name.

-- +goose Up
CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
    value TEXT NOT NULL
);
