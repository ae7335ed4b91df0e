-- How far the server's clock had come, one row, in Unix ms: the log alone does not tell, when nobody has written for a while.
CREATE TABLE kept_time (
  at INTEGER NOT NULL
) STRICT;

INSERT INTO kept_time VALUES (0);
