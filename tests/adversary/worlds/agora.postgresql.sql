CREATE TABLE member (id bigint PRIMARY KEY, nick varchar(30), email varchar(100), "real" text);
CREATE TABLE profile (member_id bigint, field varchar(20), value text, PRIMARY KEY (member_id, field));
CREATE TABLE post (
  id int PRIMARY KEY,
  author_id bigint,
  reply_to int REFERENCES post,
  body text NOT NULL,
  edited text);
CREATE TABLE attachment (id int PRIMARY KEY, kind varchar(10), object_id varchar(20), name varchar(60), data bytea);
CREATE TABLE session (id varchar(40) PRIMARY KEY, member_id bigint, data text);
CREATE TABLE message (id int PRIMARY KEY, from_id bigint, to_id bigint, body text, sent timestamp);
CREATE TABLE likes (post_id int, member_id bigint, words text, PRIMARY KEY (post_id, member_id));
CREATE TABLE banned (email varchar(40) NOT NULL UNIQUE, reason text);
CREATE TABLE log (member_id bigint, line text);
