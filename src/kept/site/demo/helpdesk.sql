-- The demo company's help desk. Telephone numbers, notes and subjects are values of form fields, not columns of a
-- person; names are copied to every message; and who writes to a ticket need not be a customer.

-- Who writes.
CREATE TABLE user (
  id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL DEFAULT 0, default_email_id INTEGER NOT NULL DEFAULT 0,
  billing_client_id INTEGER, status INTEGER NOT NULL DEFAULT 0, name VARCHAR(128) NOT NULL, created DATETIME NOT NULL, updated DATETIME NOT NULL
);
CREATE TABLE user_email (
  id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, flags INTEGER NOT NULL DEFAULT 0, address VARCHAR(255) NOT NULL UNIQUE
);
CREATE TABLE user_account (
  id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, status INTEGER NOT NULL DEFAULT 0, timezone VARCHAR(64), lang VARCHAR(16),
  username VARCHAR(64) UNIQUE, passwd VARCHAR(128), extra TEXT, registered DATETIME
);
CREATE TABLE organization (
  id INTEGER PRIMARY KEY, name VARCHAR(128) NOT NULL, domain VARCHAR(255) NOT NULL DEFAULT '', created DATETIME NOT NULL
);
CREATE TABLE note (
  id INTEGER PRIMARY KEY, staff_id INTEGER NOT NULL, object_id INTEGER NOT NULL, object_type CHAR(1) NOT NULL, body TEXT, created DATETIME NOT NULL
);

-- Custom fields: a form, its fields, one entry per person or ticket, one value per field.
CREATE TABLE form (id INTEGER PRIMARY KEY, type VARCHAR(8) NOT NULL, title VARCHAR(255) NOT NULL);
CREATE TABLE form_field (
  id INTEGER PRIMARY KEY, form_id INTEGER NOT NULL, type VARCHAR(255) NOT NULL, label VARCHAR(255) NOT NULL, name VARCHAR(64) NOT NULL
);
CREATE TABLE form_entry (
  id INTEGER PRIMARY KEY, form_id INTEGER NOT NULL, object_id INTEGER, object_type CHAR(1) NOT NULL DEFAULT 'T', extra TEXT, created DATETIME NOT NULL
);
CREATE TABLE form_entry_values (
  entry_id INTEGER NOT NULL, field_id INTEGER NOT NULL, value TEXT, value_id INTEGER, PRIMARY KEY (entry_id, field_id)
);

-- What they write.
CREATE TABLE help_topic (id INTEGER PRIMARY KEY, topic VARCHAR(128) NOT NULL);
CREATE TABLE ticket_status (id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL, state VARCHAR(16) NOT NULL);
CREATE TABLE ticket (
  id INTEGER PRIMARY KEY, number VARCHAR(20) NOT NULL UNIQUE, user_id INTEGER NOT NULL, user_email_id INTEGER NOT NULL DEFAULT 0,
  status_id INTEGER NOT NULL, dept_id INTEGER NOT NULL, topic_id INTEGER NOT NULL DEFAULT 0, staff_id INTEGER NOT NULL DEFAULT 0,
  ip_address VARCHAR(64) NOT NULL DEFAULT '', source VARCHAR(8) NOT NULL DEFAULT 'Other', closed DATETIME, created DATETIME NOT NULL
);
CREATE TABLE thread (
  id INTEGER PRIMARY KEY, object_id INTEGER NOT NULL, object_type CHAR(1) NOT NULL, extra TEXT, lastmessage DATETIME, created DATETIME NOT NULL
);
CREATE TABLE thread_entry (
  id INTEGER PRIMARY KEY, pid INTEGER NOT NULL DEFAULT 0, thread_id INTEGER NOT NULL, staff_id INTEGER NOT NULL DEFAULT 0,
  user_id INTEGER NOT NULL DEFAULT 0, type CHAR(1) NOT NULL, poster VARCHAR(128) NOT NULL DEFAULT '', source VARCHAR(32) NOT NULL DEFAULT '',
  title VARCHAR(255), body TEXT NOT NULL, format VARCHAR(16) NOT NULL DEFAULT 'text', ip_address VARCHAR(64) NOT NULL DEFAULT '',
  recipients TEXT, created DATETIME NOT NULL
);
CREATE TABLE thread_entry_email (
  id INTEGER PRIMARY KEY, thread_entry_id INTEGER NOT NULL, mid VARCHAR(255) NOT NULL, headers TEXT
);
CREATE TABLE thread_collaborator (
  id INTEGER PRIMARY KEY, thread_id INTEGER NOT NULL, user_id INTEGER NOT NULL, role CHAR(1) NOT NULL DEFAULT 'M', created DATETIME NOT NULL,
  UNIQUE (thread_id, user_id)
);
CREATE TABLE event (id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL UNIQUE);
CREATE TABLE thread_event (
  id INTEGER PRIMARY KEY, thread_id INTEGER NOT NULL, event_id INTEGER NOT NULL, staff_id INTEGER NOT NULL DEFAULT 0, uid INTEGER,
  uid_type CHAR(1) NOT NULL DEFAULT 'S', username VARCHAR(128) NOT NULL, data VARCHAR(1024), timestamp DATETIME NOT NULL
);
CREATE TABLE draft (
  id INTEGER PRIMARY KEY, staff_id INTEGER NOT NULL, namespace VARCHAR(32) NOT NULL, body TEXT NOT NULL, created DATETIME NOT NULL
);
CREATE TABLE attachment (
  id INTEGER PRIMARY KEY, object_id INTEGER NOT NULL, type CHAR(1) NOT NULL, file_id INTEGER NOT NULL, name VARCHAR(255)
);
CREATE TABLE file (
  id INTEGER PRIMARY KEY, type VARCHAR(255) NOT NULL, size INTEGER NOT NULL, key VARCHAR(86) NOT NULL UNIQUE, signature VARCHAR(86) NOT NULL,
  name VARCHAR(255) NOT NULL, created DATETIME NOT NULL
);
CREATE TABLE file_chunk (file_id INTEGER NOT NULL, chunk_id INTEGER NOT NULL, filedata BLOB NOT NULL, PRIMARY KEY (file_id, chunk_id));
CREATE TABLE search_index (
  object_type VARCHAR(8) NOT NULL, object_id INTEGER NOT NULL, title TEXT, content TEXT, PRIMARY KEY (object_type, object_id)
);

-- The company itself, and what its machines write down.
CREATE TABLE department (id INTEGER PRIMARY KEY, name VARCHAR(128) NOT NULL, signature TEXT NOT NULL);
CREATE TABLE staff (
  id INTEGER PRIMARY KEY, dept_id INTEGER NOT NULL, username VARCHAR(32) NOT NULL UNIQUE, firstname VARCHAR(32), lastname VARCHAR(32),
  passwd VARCHAR(128), email VARCHAR(255), phone VARCHAR(24) NOT NULL DEFAULT '', signature TEXT NOT NULL, created DATETIME NOT NULL
);
CREATE TABLE session (
  session_id VARCHAR(255) PRIMARY KEY, session_data BLOB, session_expire DATETIME, user_id VARCHAR(16) NOT NULL DEFAULT '0',
  user_ip VARCHAR(64) NOT NULL, user_agent VARCHAR(255) NOT NULL
);
CREATE TABLE syslog (
  id INTEGER PRIMARY KEY, log_type VARCHAR(10) NOT NULL, title VARCHAR(255) NOT NULL, log TEXT NOT NULL, logger VARCHAR(64) NOT NULL DEFAULT '',
  ip_address VARCHAR(64) NOT NULL, created DATETIME NOT NULL
);
CREATE TABLE canned_response (id INTEGER PRIMARY KEY, title VARCHAR(255) NOT NULL UNIQUE, response TEXT NOT NULL);
CREATE TABLE config (namespace VARCHAR(64) NOT NULL, key VARCHAR(64) NOT NULL, value TEXT NOT NULL, PRIMARY KEY (namespace, key));

-- indexes --
CREATE INDEX user_billing_client ON user (billing_client_id);
CREATE INDEX user_email_user ON user_email (user_id);
CREATE INDEX user_account_user ON user_account (user_id);
CREATE INDEX note_object ON note (object_id, object_type);
CREATE INDEX form_entry_object ON form_entry (object_id, object_type);
CREATE INDEX ticket_user ON ticket (user_id);
CREATE INDEX thread_object ON thread (object_id, object_type);
CREATE INDEX thread_entry_thread ON thread_entry (thread_id);
CREATE INDEX thread_entry_user ON thread_entry (user_id);
CREATE INDEX thread_entry_email_entry ON thread_entry_email (thread_entry_id);
CREATE INDEX thread_collaborator_user ON thread_collaborator (user_id);
CREATE INDEX thread_event_thread ON thread_event (thread_id);
CREATE INDEX attachment_object ON attachment (object_id, type);
CREATE INDEX attachment_file ON attachment (file_id);
