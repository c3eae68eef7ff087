CREATE TABLE account (
  id binary(16) PRIMARY KEY,
  email varbinary(80) NOT NULL,
  phones text NOT NULL,
  born year,
  secret varbinary(32) NOT NULL UNIQUE,
  notes varchar(40) COLLATE utf8mb4_uca1400_as_cs,
  small char(6) NOT NULL);
CREATE TABLE device (
  account binary(16), main boolean, since date,
  mac varchar(17) NOT NULL,
  ip varbinary(16),
  `blob` mediumblob,
  PRIMARY KEY (account, main, since),
  FOREIGN KEY (account) REFERENCES account (id));
CREATE TABLE event (id int, day date, account binary(16), words text, PRIMARY KEY (id, day))
  PARTITION BY RANGE COLUMNS (day) (
    PARTITION old VALUES LESS THAN ('2020-01-01'), PARTITION new VALUES LESS THAN (MAXVALUE));
CREATE TABLE page (
  id int PRIMARY KEY, owner binary(16), body longtext, body2 text CHARACTER SET utf16, extra json, parts text);
CREATE TABLE `crm.lead` (id int PRIMARY KEY, account binary(16), words text);
