-- Layout 7.

-- Whether the request was decided on with an activation code that was given beside it, in the place of its own. The same
-- request again then gets its answer, whatever its own code is good for.
ALTER TABLE request ADD COLUMN code_given INTEGER NOT NULL DEFAULT 0 CHECK (code_given IN (0, 1));
