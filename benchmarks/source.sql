-- A hosting company's customers and all that hangs on them, with declared relations.

CREATE TABLE customers (
  id bigint PRIMARY KEY,
  email varchar(120) NOT NULL UNIQUE,
  full_name varchar(120) NOT NULL,
  company varchar(120),
  phone varchar(40),
  date_of_birth date,
  national_id varchar(40),
  tax_id varchar(40),
  password_hash varchar(200) NOT NULL,
  status varchar(20) NOT NULL,
  marketing_opt_in boolean NOT NULL,
  created_at timestamp NOT NULL
);

CREATE TABLE addresses (
  id bigint PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers (id),
  kind varchar(20) NOT NULL,
  street varchar(160),
  city varchar(80),
  postcode varchar(20),
  country char(2)
);

CREATE TABLE services (
  id bigint PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers (id),
  plan varchar(40) NOT NULL,
  hostname varchar(120),
  ipv4 varchar(45),
  licence_source varchar(60),
  started_at timestamp NOT NULL
);

CREATE TABLE domains (
  id bigint PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers (id),
  fqdn varchar(120) NOT NULL UNIQUE,
  registrant_name varchar(120),
  registrant_email varchar(120),
  tech_phone varchar(40),
  expires_at date
);

CREATE TABLE invoices (
  id bigint PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers (id),
  number varchar(30) NOT NULL UNIQUE,
  billing_name varchar(120),
  billing_street varchar(160),
  amount_cents bigint NOT NULL,
  currency char(3) NOT NULL,
  card_last4 varchar(4),
  issued_at timestamp NOT NULL
);

CREATE TABLE tickets (
  id bigint PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers (id),
  subject varchar(200),
  body text,
  opened_at timestamp NOT NULL,
  status varchar(20) NOT NULL
);

CREATE TABLE ticket_replies (
  id bigint PRIMARY KEY,
  ticket_id bigint NOT NULL REFERENCES tickets (id),
  author_email varchar(120),
  author_ip varchar(45),
  body text,
  created_at timestamp NOT NULL
);

CREATE TABLE login_log (
  id bigint PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers (id),
  at timestamp NOT NULL,
  ip varchar(45),
  user_agent varchar(200),
  ok boolean NOT NULL
);

-- indexes --
CREATE INDEX ON addresses (customer_id);
CREATE INDEX ON services (customer_id);
CREATE INDEX ON domains (customer_id);
CREATE INDEX ON invoices (customer_id);
CREATE INDEX ON tickets (customer_id);
CREATE INDEX ON ticket_replies (ticket_id);
CREATE INDEX ON login_log (customer_id);
