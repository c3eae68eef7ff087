-- The demo company's newsletter. Relations are declared here; what is known of a reader sits in JSON.

CREATE TABLE subscribers (
  id INTEGER PRIMARY KEY,
  uuid CHAR(36) NOT NULL UNIQUE,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  attribs JSON NOT NULL DEFAULT '{}',
  status TEXT NOT NULL DEFAULT 'enabled' CHECK (status IN ('enabled', 'disabled', 'blocklisted')),
  created_at DATETIME NOT NULL,
  updated_at DATETIME
);
CREATE TABLE lists (
  id INTEGER PRIMARY KEY, uuid CHAR(36) NOT NULL UNIQUE, name TEXT NOT NULL, type TEXT NOT NULL, optin TEXT NOT NULL, created_at DATETIME NOT NULL
);
CREATE TABLE subscriber_lists (
  subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE ON UPDATE CASCADE,
  list_id INTEGER NOT NULL REFERENCES lists (id) ON DELETE CASCADE ON UPDATE CASCADE,
  meta JSON NOT NULL DEFAULT '{}',
  status TEXT NOT NULL DEFAULT 'unconfirmed' CHECK (status IN ('unconfirmed', 'confirmed', 'unsubscribed')),
  created_at DATETIME NOT NULL,
  updated_at DATETIME,
  PRIMARY KEY (subscriber_id, list_id)
);
CREATE TABLE templates (id INTEGER PRIMARY KEY, name TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE campaigns (
  id INTEGER PRIMARY KEY, uuid CHAR(36) NOT NULL UNIQUE, name TEXT NOT NULL, subject TEXT NOT NULL, from_email TEXT NOT NULL,
  body TEXT NOT NULL, status TEXT NOT NULL, template_id INTEGER REFERENCES templates (id) ON DELETE SET NULL, sent INTEGER NOT NULL DEFAULT 0,
  started_at DATETIME, created_at DATETIME NOT NULL
);
CREATE TABLE campaign_lists (
  id INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
  list_id INTEGER REFERENCES lists (id) ON DELETE SET NULL,
  UNIQUE (campaign_id, list_id)
);
CREATE TABLE links (id INTEGER PRIMARY KEY, uuid CHAR(36) NOT NULL UNIQUE, url TEXT NOT NULL UNIQUE, created_at DATETIME NOT NULL);
CREATE TABLE campaign_views (
  id INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
  subscriber_id INTEGER REFERENCES subscribers (id) ON DELETE SET NULL,
  created_at DATETIME NOT NULL
);
CREATE TABLE link_clicks (
  id INTEGER PRIMARY KEY,
  campaign_id INTEGER REFERENCES campaigns (id) ON DELETE CASCADE,
  link_id INTEGER NOT NULL REFERENCES links (id) ON DELETE CASCADE,
  subscriber_id INTEGER REFERENCES subscribers (id) ON DELETE SET NULL,
  created_at DATETIME NOT NULL
);
CREATE TABLE bounces (
  id INTEGER PRIMARY KEY,
  subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
  campaign_id INTEGER REFERENCES campaigns (id) ON DELETE SET NULL,
  type TEXT NOT NULL CHECK (type IN ('soft', 'hard', 'complaint')),
  source TEXT NOT NULL DEFAULT '',
  meta JSON NOT NULL DEFAULT '{}',
  created_at DATETIME NOT NULL
);
CREATE TABLE media (id INTEGER PRIMARY KEY, uuid CHAR(36) NOT NULL UNIQUE, filename TEXT NOT NULL, created_at DATETIME NOT NULL);
CREATE TABLE settings (key TEXT NOT NULL PRIMARY KEY, value JSON NOT NULL, updated_at DATETIME);

-- indexes --
CREATE INDEX subscriber_lists_list ON subscriber_lists (list_id);
CREATE INDEX campaign_views_campaign ON campaign_views (campaign_id);
CREATE INDEX campaign_views_subscriber ON campaign_views (subscriber_id);
CREATE INDEX link_clicks_campaign ON link_clicks (campaign_id);
CREATE INDEX link_clicks_link ON link_clicks (link_id);
CREATE INDEX link_clicks_subscriber ON link_clicks (subscriber_id);
CREATE INDEX bounces_subscriber ON bounces (subscriber_id);
