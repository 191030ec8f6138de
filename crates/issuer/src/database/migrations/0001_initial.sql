-- Layout 1. Ids and keys are lower-case hex, times are seconds since 1970-01-01T00:00:00Z.
-- An ordinal only keeps the order in which rows were added: many are added within one second.
-- On PostgreSQL, INTEGER is BIGINT and STRICT is omitted; the queries are the same.

CREATE TABLE vendor (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- Raised whenever the database is found in another file than before (see vendor.file in layout 2): a backup
    -- was put back, perhaps, and no sequence number may come twice. An old state that comes back inside the very
    -- same file (copied over it, or with the whole machine from a snapshot) can't be seen from here.
    epoch INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE vendor_key (
    public TEXT PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('active', 'spare', 'old')),
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE product (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 4294967295),
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE feature (
    product INTEGER NOT NULL REFERENCES product (number),
    number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 4294967295),
    key TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('bool', 'pool', 'count')),
    PRIMARY KEY (product, number),
    UNIQUE (product, key)
) STRICT;

CREATE TABLE entitlement (
    id TEXT PRIMARY KEY,
    ordinal INTEGER NOT NULL,
    product INTEGER NOT NULL REFERENCES product (number),
    customer TEXT,
    seats INTEGER NOT NULL CHECK (seats > 0),
    overdraft INTEGER NOT NULL DEFAULT 0 CHECK (overdraft >= 0),
    offline_lease TEXT,
    subscription_end INTEGER,
    grace TEXT,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    -- Counts up whenever a transaction takes the row in order to count seats.
    taken INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX entitlement_ordinal ON entitlement (ordinal);

CREATE TABLE entitlement_feature (
    entitlement TEXT NOT NULL REFERENCES entitlement (id),
    number INTEGER NOT NULL,
    value INTEGER NOT NULL CHECK (value >= 0),
    PRIMARY KEY (entitlement, number)
) STRICT;

CREATE TABLE entitlement_attribute (
    entitlement TEXT NOT NULL REFERENCES entitlement (id),
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (entitlement, key)
) STRICT;

-- The only table with complete codes: the vendor must be able to read them.
CREATE TABLE activation_code (
    folded TEXT PRIMARY KEY,
    ordinal INTEGER NOT NULL,
    written TEXT NOT NULL,
    entitlement TEXT NOT NULL REFERENCES entitlement (id),
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;
CREATE INDEX activation_code_ordinal ON activation_code (ordinal);
CREATE INDEX activation_code_entitlement ON activation_code (entitlement);

-- A row is one tenancy: a seat that moves to another computer gets a new row.
CREATE TABLE seat (
    id TEXT PRIMARY KEY,
    ordinal INTEGER NOT NULL,
    entitlement TEXT NOT NULL REFERENCES entitlement (id),
    device TEXT NOT NULL,
    device_id TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'deactivated', 'reused', 'released')),
    created_at INTEGER NOT NULL,
    activated_at INTEGER NOT NULL,
    lease_expiry INTEGER NOT NULL,
    -- The end of the longest lease ever issued for it, grace included.
    taken_until INTEGER NOT NULL,
    -- Of the newest response or refresh.
    sequence INTEGER NOT NULL,
    -- Of the newest request that was answered, and its traits.
    request_counter INTEGER NOT NULL,
    traits TEXT NOT NULL,
    deactivation_counter INTEGER,
    closed_at INTEGER,
    reused_by TEXT,
    -- The first seat of a chain of takeovers: they are counted along it.
    chain TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX seat_held_once ON seat (entitlement, device) WHERE state = 'held';
CREATE INDEX seat_ordinal ON seat (ordinal);
CREATE INDEX seat_entitlement ON seat (entitlement, state);
CREATE INDEX seat_device ON seat (device_id);

CREATE TABLE request (
    device TEXT NOT NULL,
    id TEXT NOT NULL,
    counter INTEGER NOT NULL,
    entitlement TEXT NOT NULL REFERENCES entitlement (id),
    traits TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    -- The answer as it was given, for the same request again.
    seat TEXT REFERENCES seat (id),
    response TEXT,
    PRIMARY KEY (device, id)
) STRICT;
CREATE INDEX request_counter ON request (device, counter);

-- The terms of each response: a refresh omits only those that all of them share.
CREATE TABLE response (
    seat TEXT NOT NULL REFERENCES seat (id),
    sequence INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    lease_expiry INTEGER NOT NULL,
    grace INTEGER NOT NULL,
    subscription_end INTEGER,
    features TEXT NOT NULL,
    attributes TEXT NOT NULL,
    PRIMARY KEY (seat, sequence)
) STRICT;

CREATE TABLE seat_move (
    chain TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('takeover', 'rebinding')),
    seat TEXT NOT NULL REFERENCES seat (id)
) STRICT;
CREATE INDEX seat_move_chain ON seat_move (chain, at);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    product INTEGER,
    entitlement TEXT,
    seat TEXT,
    code TEXT,
    device TEXT,
    refusal TEXT,
    detail TEXT NOT NULL
) STRICT;
