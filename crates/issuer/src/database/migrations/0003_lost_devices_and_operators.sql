-- Layout 3.

CREATE INDEX audit_seat ON audit (seat);

-- Reports of lost computers, made by someone who knows the activation code. They free nothing.
CREATE TABLE notice (
    seat TEXT NOT NULL REFERENCES seat (id),
    at INTEGER NOT NULL,
    settled_at INTEGER
) STRICT;
CREATE UNIQUE INDEX notice_open ON notice (seat) WHERE settled_at IS NULL;

-- The operators of the admin pages.
CREATE TABLE operator (
    name TEXT PRIMARY KEY,
    -- Argon2id, as a PHC string.
    passphrase TEXT NOT NULL,
    -- The secret of RFC 6238 in base 32. NULL: no second factor is asked for.
    totp TEXT,
    -- The newest time step whose number was used: each counts once.
    totp_step INTEGER NOT NULL DEFAULT 0,
    -- Failed attempts since the last one that was right.
    failures INTEGER NOT NULL DEFAULT 0,
    locked_until INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;
