CREATE TABLE `Patient` (
  `Id` uuid PRIMARY KEY,
  `E-Mail` varchar(90) COLLATE utf8mb4_unicode_ci NOT NULL UNIQUE,
  `First Name` varchar(24) NOT NULL CHECK (`First Name` <> 'nobody'),
  `order` varchar(40) COLLATE utf8mb4_general_ci,
  `Phone#` char(16) NOT NULL,
  `Ward` enum('day', 'night', 'none') NOT NULL DEFAULT 'day',
  tags text NOT NULL DEFAULT '',
  `100%` decimal(9, 2) NOT NULL,
  born date NOT NULL CHECK (born > '1850-01-01'),
  `Folded` varchar(90) GENERATED ALWAYS AS (lower(`E-Mail`)) STORED UNIQUE,
  `referredBy` uuid,
  `note: "quoted"` text,
  FOREIGN KEY (`referredBy`) REFERENCES `Patient` (`Id`) ON DELETE SET NULL,
  CONSTRAINT `an address` CHECK (`E-Mail` LIKE '%@%'));
CREATE TABLE `Visit` (
  `patientId` uuid,
  position int,
  subject varchar(60) NOT NULL,
  kept text,
  `doctor's words` text,
  PRIMARY KEY (`patientId`, position),
  FOREIGN KEY (`patientId`) REFERENCES `Patient` (`Id`) ON DELETE CASCADE);
CREATE TABLE visit (id int AUTO_INCREMENT PRIMARY KEY, author uuid, about uuid, words text);
CREATE TABLE `Door` (who uuid, at timestamp NULL, ip inet6 NOT NULL, agent text);
CREATE TABLE `Scan` (
  id int PRIMARY KEY,
  patient uuid,
  raw longblob NOT NULL,
  own boolean,
  FOREIGN KEY (patient) REFERENCES `Patient` (`Id`));
CREATE TABLE `Scan page` (
  scan int,
  no int,
  words text,
  PRIMARY KEY (scan, no),
  FOREIGN KEY (scan) REFERENCES `Scan` (id) ON DELETE CASCADE);
CREATE TABLE `select` (id int PRIMARY KEY, `where` varchar(20), `from` text);
CREATE VIEW `Everybody` AS SELECT `E-Mail` FROM `Patient`;
