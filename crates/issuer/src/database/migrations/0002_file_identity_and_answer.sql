-- Layout 2.

-- The file that the database was in when it was last opened (device, inode, time of creation): a
-- restored copy is another one. NULL until it is opened for the first time.
ALTER TABLE vendor ADD COLUMN file TEXT;

-- The sequence number of the response. NULL for requests that were answered under layout 1.
ALTER TABLE request ADD COLUMN sequence INTEGER;
