-- Layout 2.

-- Which file the database was in when it was last opened (device, inode, time of birth): a copy that was put back
-- is another one. NULL until it is opened for the first time.
ALTER TABLE vendor ADD COLUMN file TEXT;

-- The response that answered it. NULL for what was answered under layout 1.
ALTER TABLE request ADD COLUMN sequence INTEGER;
