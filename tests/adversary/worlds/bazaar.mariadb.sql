CREATE TABLE customer (
  number varchar(12) CHARACTER SET ascii PRIMARY KEY,
  login varchar(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci NOT NULL UNIQUE,
  email varchar(60) CHARACTER SET utf8mb3 NOT NULL,
  name varchar(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  country char(2) NOT NULL,
  password varchar(80) NOT NULL,
  created bigint,
  folded varchar(60) CHARACTER SET utf8mb3 GENERATED ALWAYS AS (lower(email)) VIRTUAL,
  UNIQUE one_address (folded));
CREATE TABLE invoice (
  series char(3), no int,
  customer varchar(12) CHARACTER SET ascii,
  buyer varchar(120) CHARACTER SET latin1 NOT NULL,
  buyer_email varchar(60),
  ip varchar(45),
  issued date,
  remark text CHARACTER SET latin1,
  PRIMARY KEY (series, no),
  FOREIGN KEY (customer) REFERENCES customer (number));
CREATE TABLE invoice_line (
  series char(3), no int, position int,
  words varchar(80) NOT NULL,
  booked date,
  PRIMARY KEY (series, no, position),
  FOREIGN KEY (series, no) REFERENCES invoice (series, no) ON DELETE CASCADE);
CREATE TABLE basket (
  id int PRIMARY KEY,
  customer varchar(12) CHARACTER SET ascii,
  words text,
  FOREIGN KEY (customer) REFERENCES customer (number) ON DELETE CASCADE);
CREATE TABLE basket_line (
  basket int, no int, words text, PRIMARY KEY (basket, no),
  FOREIGN KEY (basket) REFERENCES basket (id) ON DELETE CASCADE);
CREATE TABLE voucher (
  code varchar(20) PRIMARY KEY, basket int, words text,
  FOREIGN KEY (basket) REFERENCES basket (id) ON DELETE SET NULL);
CREATE TABLE review (
  id int PRIMARY KEY,
  author varchar(12) CHARACTER SET utf8mb4,
  seller varchar(12) CHARACTER SET latin1,
  stars int NOT NULL CHECK (stars BETWEEN 1 AND 5),
  body text NOT NULL);
CREATE TABLE reader (id int PRIMARY KEY, email varchar(60) UNIQUE, prefs json NOT NULL, tracking json);
CREATE TABLE currency (code char(3) PRIMARY KEY, words text);
