CREATE TABLE account (
  id bytea PRIMARY KEY,
  email bytea NOT NULL,
  phones text[] NOT NULL,
  born smallint,
  secret bytea NOT NULL UNIQUE,
  notes varchar(40),
  small char(6) NOT NULL);
CREATE TABLE device (
  account bytea REFERENCES account, main boolean, since date,
  mac varchar(17) NOT NULL,
  ip bytea,
  blob bytea,
  PRIMARY KEY (account, main, since));
CREATE TABLE event (id int, day date, account bytea, words text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE event_old PARTITION OF event FOR VALUES FROM ('2000-01-01') TO ('2020-01-01');
CREATE TABLE event_new PARTITION OF event DEFAULT;
CREATE TABLE page (id int PRIMARY KEY, owner bytea, body text, body2 text, extra jsonb, parts text[]);
CREATE SCHEMA crm;
CREATE TABLE crm.lead (id int PRIMARY KEY, account bytea, words text);
