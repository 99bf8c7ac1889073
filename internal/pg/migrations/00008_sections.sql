-- A passage knows what it repeats from further up (the line that leads a list
-- in, the head of a table) and the section that it stands in. An article has a
-- kind.

-- +goose Up
ALTER TABLE revisions ADD COLUMN kind text NOT NULL DEFAULT 'ANSWER'
    CHECK (kind IN ('ANSWER', 'INTERNAL', 'HOLDING', 'MACRO', 'PROCEDURE', 'OFFER'));
ALTER TABLE articles ADD COLUMN kind text NOT NULL DEFAULT 'ANSWER';

-- A list of objects: start, end, text.
ALTER TABLE passages ADD COLUMN context json NOT NULL DEFAULT '[]';
ALTER TABLE passages ADD COLUMN section_start int NOT NULL DEFAULT 0, ADD COLUMN section_end int NOT NULL DEFAULT 0;
-- Of passages that an older version cut, it is the passage itself.
UPDATE passages SET section_start = start_offset, section_end = end_offset;

-- +goose Down
ALTER TABLE passages DROP COLUMN section_start, DROP COLUMN section_end, DROP COLUMN context;
ALTER TABLE articles DROP COLUMN kind;
ALTER TABLE revisions DROP COLUMN kind;
