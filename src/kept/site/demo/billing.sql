-- The demo company's billing system. As in the real ones, no relation is declared and details are copied about.

-- Who buys.
CREATE TABLE client (
  id INTEGER PRIMARY KEY,
  client_group_id INTEGER,
  role VARCHAR(30) NOT NULL DEFAULT 'client',
  email VARCHAR(255) NOT NULL UNIQUE,
  billing_email VARCHAR(255),
  pass VARCHAR(255) NOT NULL,
  status VARCHAR(30) NOT NULL DEFAULT 'active',
  email_approved BOOLEAN NOT NULL DEFAULT 1,
  type VARCHAR(20) NOT NULL DEFAULT 'individual',
  first_name VARCHAR(100) NOT NULL,
  last_name VARCHAR(100) NOT NULL,
  gender VARCHAR(20),
  birthday DATE,
  phone_cc VARCHAR(10),
  phone VARCHAR(100) NOT NULL DEFAULT '',
  company VARCHAR(100),
  company_vat VARCHAR(100),
  company_number VARCHAR(255),
  address_1 VARCHAR(100) NOT NULL,
  address_2 VARCHAR(100),
  city VARCHAR(100),
  state VARCHAR(100),
  postcode VARCHAR(100),
  country CHAR(2),
  notes TEXT,
  currency CHAR(3) NOT NULL DEFAULT 'EUR',
  lang VARCHAR(10),
  timezone VARCHAR(64),
  ip VARCHAR(45),
  api_token VARCHAR(128) UNIQUE,
  referred_by VARCHAR(255),
  custom_1 TEXT,
  custom_2 TEXT,
  custom_3 TEXT,
  custom_4 TEXT,
  custom_5 TEXT,
  custom_6 TEXT,
  created_at DATETIME NOT NULL,
  updated_at DATETIME
);
CREATE TABLE client_group (id INTEGER PRIMARY KEY, title VARCHAR(255) NOT NULL);
CREATE TABLE client_password_reset (
  id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, hash VARCHAR(100) NOT NULL UNIQUE, ip VARCHAR(45), created_at DATETIME NOT NULL
);
CREATE TABLE session (
  id VARCHAR(64) PRIMARY KEY, client_id INTEGER, ip VARCHAR(45), user_agent VARCHAR(255), content BLOB NOT NULL,
  created_at DATETIME NOT NULL
);

-- What they buy.
CREATE TABLE product_category (id INTEGER PRIMARY KEY, title VARCHAR(100) NOT NULL);
CREATE TABLE product (
  id INTEGER PRIMARY KEY, product_category_id INTEGER NOT NULL, title VARCHAR(255) NOT NULL, type VARCHAR(30) NOT NULL,
  price_cents INTEGER NOT NULL, period VARCHAR(10) NOT NULL
);
CREATE TABLE client_order (
  id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, product_id INTEGER NOT NULL, promo_id INTEGER, title VARCHAR(255) NOT NULL,
  service_type VARCHAR(100) NOT NULL, service_id INTEGER, period VARCHAR(20), price_cents INTEGER NOT NULL,
  currency CHAR(3) NOT NULL DEFAULT 'EUR', status VARCHAR(50) NOT NULL, reason VARCHAR(255), notes TEXT,
  config JSON NOT NULL DEFAULT '{}',
  referred_by VARCHAR(255), activated_at DATETIME, expires_at DATETIME, canceled_at DATETIME, created_at DATETIME NOT NULL
);
CREATE TABLE client_order_status (
  id INTEGER PRIMARY KEY, client_order_id INTEGER NOT NULL, status VARCHAR(20) NOT NULL, notes TEXT, created_at DATETIME NOT NULL
);
CREATE TABLE client_order_meta (
  id INTEGER PRIMARY KEY, client_order_id INTEGER NOT NULL, name VARCHAR(255) NOT NULL, value TEXT, created_at DATETIME NOT NULL
);
CREATE TABLE service_hosting_server (
  id INTEGER PRIMARY KEY, name VARCHAR(100) NOT NULL, hostname VARCHAR(100) NOT NULL, ip VARCHAR(45), username TEXT, password TEXT
);
CREATE TABLE service_hosting (
  id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, server_id INTEGER NOT NULL, domain VARCHAR(255) NOT NULL, ip VARCHAR(45),
  username VARCHAR(32) NOT NULL UNIQUE, pass VARCHAR(255), created_at DATETIME NOT NULL
);
CREATE TABLE service_domain (
  id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, domain VARCHAR(255) NOT NULL UNIQUE, ns1 VARCHAR(255), ns2 VARCHAR(255),
  transfer_code VARCHAR(255), contact_email VARCHAR(255), contact_company VARCHAR(255), contact_first_name VARCHAR(255),
  contact_last_name VARCHAR(255), contact_address1 VARCHAR(255), contact_city VARCHAR(255), contact_postcode VARCHAR(255),
  contact_country VARCHAR(255), contact_phone_cc VARCHAR(255), contact_phone VARCHAR(255), details TEXT,
  registered_at DATETIME NOT NULL, expires_at DATETIME
);
CREATE TABLE service_license (
  id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, license_key VARCHAR(255) NOT NULL UNIQUE, ips TEXT, hosts TEXT, paths TEXT,
  pinged_at DATETIME, created_at DATETIME NOT NULL
);
CREATE TABLE service_custom (
  id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, plugin VARCHAR(255), f1 TEXT, f2 TEXT, f3 TEXT, config TEXT, created_at DATETIME NOT NULL
);
CREATE TABLE promo (id INTEGER PRIMARY KEY, code VARCHAR(100) NOT NULL UNIQUE, percent INTEGER NOT NULL);
CREATE TABLE promo_redemption (
  id INTEGER PRIMARY KEY, promo_id INTEGER NOT NULL, client_id INTEGER NOT NULL, client_order_id INTEGER NOT NULL, created_at DATETIME NOT NULL
);

-- What it costs. The buyer on an invoice is a copy made on its day, not a join.
CREATE TABLE invoice (
  id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, nr VARCHAR(30) NOT NULL UNIQUE, hash VARCHAR(64) NOT NULL UNIQUE,
  currency CHAR(3) NOT NULL DEFAULT 'EUR', total_cents INTEGER NOT NULL, status VARCHAR(20) NOT NULL, notes TEXT,
  seller_company VARCHAR(255) NOT NULL, seller_address VARCHAR(255) NOT NULL,
  buyer_first_name VARCHAR(255) NOT NULL, buyer_last_name VARCHAR(255) NOT NULL, buyer_company VARCHAR(255), buyer_company_vat VARCHAR(255),
  buyer_address VARCHAR(255) NOT NULL, buyer_city VARCHAR(255), buyer_postcode VARCHAR(255), buyer_country VARCHAR(255),
  buyer_phone VARCHAR(255), buyer_email VARCHAR(255) NOT NULL, taxrate VARCHAR(35),
  issued_at DATETIME NOT NULL, due_at DATETIME, reminded_at DATETIME, paid_at DATETIME
);
CREATE TABLE invoice_item (
  id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL, title VARCHAR(255) NOT NULL, quantity INTEGER NOT NULL DEFAULT 1,
  price_cents INTEGER NOT NULL, created_at DATETIME NOT NULL
);
CREATE TABLE payment (
  id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL, gateway VARCHAR(30) NOT NULL, txn_id VARCHAR(64) NOT NULL UNIQUE,
  amount_cents INTEGER NOT NULL, currency CHAR(3) NOT NULL, status VARCHAR(20) NOT NULL, ip VARCHAR(45), ipn TEXT, created_at DATETIME NOT NULL
);
CREATE TABLE subscription (
  id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, sid VARCHAR(64) NOT NULL, period VARCHAR(20), amount_cents INTEGER NOT NULL,
  status VARCHAR(20) NOT NULL, created_at DATETIME NOT NULL
);
CREATE TABLE client_balance (
  id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, type VARCHAR(30) NOT NULL, amount_cents INTEGER NOT NULL, description TEXT,
  created_at DATETIME NOT NULL
);
CREATE TABLE currency (code CHAR(3) PRIMARY KEY, rate NUMERIC NOT NULL);
CREATE TABLE tax (id INTEGER PRIMARY KEY, country CHAR(2) NOT NULL, rate NUMERIC NOT NULL);

-- What happened. Bodies of mails are kept, and names stand in log lines.
CREATE TABLE activity_client_history (
  id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, ip VARCHAR(45) NOT NULL, created_at DATETIME NOT NULL
);
CREATE TABLE activity_client_email (
  id INTEGER PRIMARY KEY, client_id INTEGER, sender VARCHAR(255), recipients TEXT NOT NULL, subject VARCHAR(255) NOT NULL,
  content_html TEXT, content_text TEXT NOT NULL, attachment_name VARCHAR(255), attachment_content BLOB, created_at DATETIME NOT NULL
);
CREATE TABLE activity_system (
  id INTEGER PRIMARY KEY, priority INTEGER NOT NULL, staff_id INTEGER, client_id INTEGER, message TEXT NOT NULL, ip VARCHAR(45),
  created_at DATETIME NOT NULL
);
CREATE TABLE email_queue (
  id INTEGER PRIMARY KEY, client_id INTEGER, recipient VARCHAR(255) NOT NULL, to_name VARCHAR(255), subject VARCHAR(255) NOT NULL,
  content TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, status VARCHAR(20) NOT NULL, created_at DATETIME NOT NULL
);

-- The company itself.
CREATE TABLE staff (
  id INTEGER PRIMARY KEY, email VARCHAR(255) NOT NULL UNIQUE, pass VARCHAR(255) NOT NULL, name VARCHAR(255) NOT NULL, signature TEXT,
  created_at DATETIME NOT NULL
);
CREATE TABLE setting (param VARCHAR(255) PRIMARY KEY, value TEXT);

-- indexes --
CREATE INDEX client_order_client ON client_order (client_id);
CREATE INDEX client_order_status_order ON client_order_status (client_order_id);
CREATE INDEX client_order_meta_order ON client_order_meta (client_order_id);
CREATE INDEX client_password_reset_client ON client_password_reset (client_id);
CREATE INDEX session_client ON session (client_id);
CREATE INDEX service_hosting_client ON service_hosting (client_id);
CREATE INDEX service_domain_client ON service_domain (client_id);
CREATE INDEX service_license_client ON service_license (client_id);
CREATE INDEX service_custom_client ON service_custom (client_id);
CREATE INDEX promo_redemption_client ON promo_redemption (client_id);
CREATE INDEX invoice_client ON invoice (client_id);
CREATE INDEX invoice_item_invoice ON invoice_item (invoice_id);
CREATE INDEX payment_invoice ON payment (invoice_id);
CREATE INDEX subscription_client ON subscription (client_id);
CREATE INDEX client_balance_client ON client_balance (client_id);
CREATE INDEX activity_client_history_client ON activity_client_history (client_id);
CREATE INDEX activity_client_email_client ON activity_client_email (client_id);
CREATE INDEX activity_system_client ON activity_system (client_id);
CREATE INDEX email_queue_client ON email_queue (client_id);
