-- Layout 5.

-- A row that stands for several: what changed nothing and nobody known has signed for, or more of it than one address
-- may write rows about, is counted by the hour (which `at` gives the beginning of), by event and by refusal.
ALTER TABLE audit ADD COLUMN hour INTEGER;
ALTER TABLE audit ADD COLUMN count INTEGER NOT NULL DEFAULT 1 CHECK (count > 0);
CREATE UNIQUE INDEX audit_counted ON audit (hour, event, COALESCE(refusal, '')) WHERE hour IS NOT NULL;

-- Drawn at random whenever somebody is added, or given another passphrase or second factor: no session outlives it.
-- Since this layout failed attempts to sign in are counted by the process that lets people in, not here.
ALTER TABLE operator ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
