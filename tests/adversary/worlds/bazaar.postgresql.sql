CREATE TABLE customer (
  number varchar(12) PRIMARY KEY,
  login varchar(20) NOT NULL UNIQUE,
  email varchar(60) NOT NULL,
  name varchar(60) NOT NULL,
  country char(2) NOT NULL,
  password varchar(80) NOT NULL,
  created bigint);
CREATE UNIQUE INDEX one_address ON customer (lower(email)) WHERE country <> '';
CREATE TABLE invoice (
  series char(3), no int,
  customer varchar(12) REFERENCES customer,
  buyer varchar(120) NOT NULL,
  buyer_email varchar(60),
  ip varchar(45),
  issued date,
  remark text,
  PRIMARY KEY (series, no));
CREATE TABLE invoice_line (
  series char(3), no int, position int,
  words varchar(80) NOT NULL,
  booked date,
  PRIMARY KEY (series, no, position),
  FOREIGN KEY (series, no) REFERENCES invoice ON DELETE CASCADE);
CREATE TABLE basket (id int PRIMARY KEY, customer varchar(12) REFERENCES customer ON DELETE CASCADE, words text);
CREATE TABLE basket_line (basket int REFERENCES basket ON DELETE CASCADE, no int, words text, PRIMARY KEY (basket, no));
CREATE TABLE voucher (code varchar(20) PRIMARY KEY, basket int REFERENCES basket ON DELETE SET NULL, words text);
CREATE TABLE review (
  id int PRIMARY KEY,
  author varchar(12) REFERENCES customer,
  seller varchar(12) REFERENCES customer,
  stars int NOT NULL CHECK (stars BETWEEN 1 AND 5),
  body text NOT NULL);
CREATE TABLE reader (id int PRIMARY KEY, email varchar(60) UNIQUE, prefs jsonb NOT NULL, tracking json);
CREATE TABLE currency (code char(3) PRIMARY KEY, words text);
