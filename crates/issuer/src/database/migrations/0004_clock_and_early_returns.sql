-- Layout 4.

-- How late it has been, by everything that was written while the clock wasn't in doubt, and how long the machine had
-- been running then (in seconds, since a boot that has this name).
CREATE TABLE clock (
    newest INTEGER NOT NULL,
    boot TEXT,
    running INTEGER
) STRICT;
INSERT INTO clock (newest) SELECT MAX(at) FROM audit HAVING MAX(at) IS NOT NULL;

-- How many seats of one line may be freed at once, by deactivations before the end of their leases, in 365 days.
ALTER TABLE vendor ADD COLUMN early_returns INTEGER NOT NULL DEFAULT 4 CHECK (early_returns >= 0);

-- From here on a deactivated seat counts as taken until seat.taken_until too; one that was free at once has the time
-- of its deactivation there. A seat that is granted in place of one that was deactivated or whose lease was over
-- goes on with its chain (called a line).
UPDATE seat SET taken_until = closed_at
    WHERE state = 'deactivated' AND closed_at IS NOT NULL AND taken_until > closed_at;

-- A line's newest seat is looked for whenever one is granted.
CREATE INDEX seat_chain ON seat (entitlement, chain, ordinal);

CREATE TABLE seat_return (
    chain TEXT NOT NULL,
    at INTEGER NOT NULL,
    seat TEXT NOT NULL REFERENCES seat (id)
) STRICT;
CREATE INDEX seat_return_chain ON seat_return (chain, at);
CREATE INDEX seat_return_seat ON seat_return (seat);

-- Up to when the vendor has seen the returns of an entitlement that had more of them than seats.
ALTER TABLE entitlement ADD COLUMN returns_seen_at INTEGER NOT NULL DEFAULT 0;
