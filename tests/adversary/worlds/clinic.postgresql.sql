CREATE EXTENSION citext;
CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TYPE "Ward" AS ENUM ('day', 'night', 'none');
CREATE DOMAIN brief AS varchar(24) NOT NULL;
CREATE DOMAIN "First Name" AS brief CHECK (VALUE <> 'nobody');
CREATE TABLE "Patient" (
  "Id" uuid PRIMARY KEY,
  "E-Mail" citext NOT NULL UNIQUE,
  "First Name" "First Name",
  "order" varchar(40) COLLATE nocase,
  "Phone#" char(16) NOT NULL,
  "Ward" "Ward" NOT NULL DEFAULT 'day',
  tags text[] NOT NULL DEFAULT '{}',
  "100%" numeric(9, 2) NOT NULL,
  born date NOT NULL CHECK (born > '1850-01-01'),
  "Folded" text GENERATED ALWAYS AS (lower("E-Mail"::text)) STORED UNIQUE,
  "referredBy" uuid REFERENCES "Patient" ON DELETE SET NULL,
  "note: ""quoted""" text,
  CONSTRAINT "an address" CHECK ("E-Mail"::text LIKE '%@%'));
CREATE TABLE "Visit" (
  "patientId" uuid REFERENCES "Patient" ON DELETE CASCADE,
  position int,
  subject varchar(60) NOT NULL,
  kept text,
  "doctor's words" text,
  PRIMARY KEY ("patientId", position));
CREATE TABLE visit (id serial PRIMARY KEY, author uuid, about uuid, words text);
CREATE TABLE "Door" (who uuid, at timestamp, ip inet NOT NULL, agent text);
CREATE TABLE "Scan" (id int PRIMARY KEY, patient uuid REFERENCES "Patient", raw bytea NOT NULL, own boolean);
CREATE TABLE "Scan page" (
  scan int REFERENCES "Scan" ON DELETE CASCADE,
  no int,
  words text,
  PRIMARY KEY (scan, no));
CREATE TABLE "select" (id int PRIMARY KEY, "where" varchar(20), "from" text);
CREATE VIEW "Everybody" AS SELECT "E-Mail" FROM "Patient";
