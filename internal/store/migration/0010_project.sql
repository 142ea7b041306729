-- What a request is for, as the developer's machine says it.

-- +goose Up
ALTER TABLE profile ADD COLUMN project TEXT NOT NULL DEFAULT ''; -- x-tollgate-project
CREATE INDEX profile_project ON profile (project);
