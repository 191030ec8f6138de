-- Layout 7.

-- Whether the request was decided on with an activation code that was given with it and replaced
-- its own. A repeated request then gets the same answer, whatever its own code allows.
ALTER TABLE request ADD COLUMN code_given INTEGER NOT NULL DEFAULT 0 CHECK (code_given IN (0, 1));
