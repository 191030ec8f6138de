-- Layout 5.

-- A row that stands for several events: those that changed nothing and came from unknown signers,
-- or exceeded an address's quota of rows, are counted by hour (which begins at `at`), event and
-- refusal.
ALTER TABLE audit ADD COLUMN hour INTEGER;
ALTER TABLE audit ADD COLUMN count INTEGER NOT NULL DEFAULT 1 CHECK (count > 0);
CREATE UNIQUE INDEX audit_counted ON audit (hour, event, COALESCE(refusal, '')) WHERE hour IS NOT NULL;

-- A random number that changes when an operator is added or gets another passphrase or second
-- factor, which ends all sessions. From this layout on, failed attempts to sign in are counted by
-- the server process and not here.
ALTER TABLE operator ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
