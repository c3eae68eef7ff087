CREATE TABLE member (
  id bigint unsigned PRIMARY KEY, nick varchar(30), email varchar(100), `real` text
) CHARACTER SET latin1;
CREATE TABLE profile (
  member_id bigint unsigned, field varchar(20), value text, PRIMARY KEY (member_id, field)
) CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci;
CREATE TABLE post (
  id int PRIMARY KEY,
  author_id bigint unsigned,
  reply_to int,
  body mediumtext NOT NULL,
  edited text,
  FOREIGN KEY (reply_to) REFERENCES post (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
CREATE TABLE attachment (id int PRIMARY KEY, kind varchar(10), object_id varchar(20), name varchar(60), data longblob);
CREATE TABLE session (id varchar(40) PRIMARY KEY, member_id bigint unsigned, data text) CHARACTER SET latin1;
CREATE TABLE message (id int PRIMARY KEY, from_id bigint unsigned, to_id bigint unsigned, body text, sent timestamp NULL
  DEFAULT NULL ON UPDATE current_timestamp);
CREATE TABLE likes (post_id int, member_id bigint unsigned, words text, PRIMARY KEY (post_id, member_id));
CREATE TABLE banned (email varchar(40) NOT NULL UNIQUE, reason text);
CREATE TABLE log (member_id bigint unsigned, line text);
