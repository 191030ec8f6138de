-- Layout 6.

-- The vendor's policy: every n-th renewal needs a request; 1 means every renewal. NULL means none.
ALTER TABLE entitlement ADD COLUMN request_every INTEGER
    CHECK (request_every BETWEEN 1 AND 4294967295);

-- The number of refreshes since the last granted request that raised the counter. From this layout
-- on, they are counted with and without such a policy.
ALTER TABLE seat ADD COLUMN refreshes INTEGER NOT NULL DEFAULT 0 CHECK (refreshes >= 0);
