-- With the end of the interval, so that whose member a user is is read from the index alone: a list of 2,000 conversations looks at
-- as many intervals.
DROP INDEX intervals_of_user;

CREATE INDEX intervals_of_user ON intervals (user, conversation, to_seq);
