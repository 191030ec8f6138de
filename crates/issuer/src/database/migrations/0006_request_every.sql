-- Layout 6.

-- The vendor's policy: each renewal of this number needs a request, one of 1 each renewal. NULL: none does.
ALTER TABLE entitlement ADD COLUMN request_every INTEGER
    CHECK (request_every BETWEEN 1 AND 4294967295);

-- Refreshes that were issued since the newest request that raised the counter was granted. They are counted whether
-- or not there is such a policy, from this layout on.
ALTER TABLE seat ADD COLUMN refreshes INTEGER NOT NULL DEFAULT 0 CHECK (refreshes >= 0);
