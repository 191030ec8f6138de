-- Layout 4.

-- The newest time that was written while the clock wasn't in doubt, and how long the machine had
-- been running then (in seconds, since the boot with this name).
CREATE TABLE clock (
    newest INTEGER NOT NULL,
    boot TEXT,
    running INTEGER
) STRICT;
INSERT INTO clock (newest) SELECT MAX(at) FROM audit HAVING MAX(at) IS NOT NULL;

-- How many seats of one line may be freed at once, by deactivations before the lease expiry, within
-- 365 days.
ALTER TABLE vendor ADD COLUMN early_returns INTEGER NOT NULL DEFAULT 4 CHECK (early_returns >= 0);

-- From this layout on, a deactivated seat counts as taken until seat.taken_until too; one that was
-- free at once has the time of its deactivation there. A seat that replaces a deactivated or
-- expired one continues its chain (called a line).
UPDATE seat SET taken_until = closed_at
    WHERE state = 'deactivated' AND closed_at IS NOT NULL AND taken_until > closed_at;

-- Each grant searches for a line's newest seat.
CREATE INDEX seat_chain ON seat (entitlement, chain, ordinal);

CREATE TABLE seat_return (
    chain TEXT NOT NULL,
    at INTEGER NOT NULL,
    seat TEXT NOT NULL REFERENCES seat (id)
) STRICT;
CREATE INDEX seat_return_chain ON seat_return (chain, at);
CREATE INDEX seat_return_seat ON seat_return (seat);

-- The time up to which the vendor has dismissed notices about an entitlement with more early
-- returns than seats.
ALTER TABLE entitlement ADD COLUMN returns_seen_at INTEGER NOT NULL DEFAULT 0;
