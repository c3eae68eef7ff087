-- The tables of FOSSBilling as its pack meets them on MariaDB: names, types, NOT NULL and UNIQUE, which is what an
-- erasure depends on. Written from the catalogue of a server that holds them (August 2026); no foreign key is declared.

-- Clients: email may be NULL and must differ; twenty free fields can hold anything.

CREATE TABLE `client` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `aid` VARCHAR(255), `client_group_id` BIGINT,
  `role` VARCHAR(30) NOT NULL DEFAULT 'client', `auth_type` VARCHAR(255), `email` VARCHAR(255),
  `billing_email` VARCHAR(255), `pass` VARCHAR(255), `salt` VARCHAR(255), `status` VARCHAR(30) DEFAULT 'active',
  `email_approved` TINYINT(1), `tax_exempt` TINYINT(1) DEFAULT 0, `type` VARCHAR(100), `first_name` VARCHAR(100),
  `last_name` VARCHAR(100), `gender` VARCHAR(20), `birthday` DATE, `phone_cc` VARCHAR(10), `phone` VARCHAR(100),
  `company` VARCHAR(100), `company_vat` VARCHAR(100), `company_number` VARCHAR(255), `address_1` VARCHAR(100),
  `address_2` VARCHAR(100), `city` VARCHAR(100), `state` VARCHAR(100), `postcode` VARCHAR(100),
  `country` VARCHAR(100), `notes` TEXT, `currency` VARCHAR(10), `lang` VARCHAR(10), `timezone` VARCHAR(64),
  `ip` VARCHAR(45), `api_token` VARCHAR(128), `referred_by` VARCHAR(255), `custom_1` TEXT, `custom_2` TEXT,
  `custom_3` TEXT, `custom_4` TEXT, `custom_5` TEXT, `custom_6` TEXT, `custom_7` TEXT, `custom_8` TEXT,
  `custom_9` TEXT, `custom_10` TEXT, `custom_11` TEXT, `custom_12` TEXT, `custom_13` TEXT, `custom_14` TEXT,
  `custom_15` TEXT, `custom_16` TEXT, `custom_17` TEXT, `custom_18` TEXT, `custom_19` TEXT, `custom_20` TEXT,
  `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`), UNIQUE (`email`)
);

CREATE TABLE `client_group` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `title` VARCHAR(255), `created_at` DATETIME, `updated_at` DATETIME,
  PRIMARY KEY (`id`)
);

CREATE TABLE `client_password_reset` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `client_id` BIGINT, `hash` VARCHAR(100), `ip` VARCHAR(45),
  `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `session` (
  `id` VARBINARY(128) NOT NULL, `modified_at` INT UNSIGNED NOT NULL, `created_at` INT, `content` BLOB NOT NULL,
  `lifetime` INT UNSIGNED NOT NULL, `fingerprint` TEXT, PRIMARY KEY (`id`)
);

-- Orders. Nothing but numbers ties them to a client.

CREATE TABLE `product` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `product_category_id` BIGINT, `product_payment_id` BIGINT, `form_id` BIGINT,
  `title` VARCHAR(255), `slug` VARCHAR(255), `description` TEXT, `unit` VARCHAR(50) DEFAULT 'product',
  `active` TINYINT(1) DEFAULT 1, `status` VARCHAR(50) DEFAULT 'enabled', `hidden` TINYINT(1) DEFAULT 0,
  `is_addon` TINYINT(1) DEFAULT 0, `setup` VARCHAR(50) DEFAULT 'after_payment', `addons` TEXT,
  `icon_url` VARCHAR(255), `allow_quantity_select` TINYINT(1) DEFAULT 0, `stock_control` TINYINT(1) DEFAULT 0,
  `quantity_in_stock` INT DEFAULT 0, `suspension_grace_days` INT NOT NULL DEFAULT 0, `plugin` VARCHAR(255),
  `plugin_config` TEXT, `upgrades` TEXT, `priority` BIGINT, `config` TEXT, `created_at` DATETIME,
  `updated_at` DATETIME, `type` VARCHAR(255), PRIMARY KEY (`id`), UNIQUE (`slug`)
);

CREATE TABLE `product_category` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `title` VARCHAR(100), `description` TEXT, `icon_url` VARCHAR(255),
  `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `product_payment` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `type` VARCHAR(30), `once_price` DECIMAL(18,2) DEFAULT 0.00,
  `once_setup_price` DECIMAL(18,2) DEFAULT 0.00, PRIMARY KEY (`id`)
);

CREATE TABLE `product_payment_period` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `product_payment_id` BIGINT NOT NULL, `code` VARCHAR(10) NOT NULL,
  `price` DECIMAL(18,2) NOT NULL DEFAULT 0.00, `setup_price` DECIMAL(18,2) NOT NULL DEFAULT 0.00,
  `enabled` TINYINT(1) NOT NULL DEFAULT 1, `sort_order` INT NOT NULL DEFAULT 0, PRIMARY KEY (`id`),
  UNIQUE (`product_payment_id`, `code`)
);

CREATE TABLE `promo` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `code` VARCHAR(100), `description` TEXT,
  `type` VARCHAR(30) NOT NULL DEFAULT 'percentage', `value` DECIMAL(18,2), `maxuses` INT DEFAULT 0,
  `used` INT DEFAULT 0, `freesetup` TINYINT(1) DEFAULT 0, `once_per_client` TINYINT(1) DEFAULT 0,
  `recurring` TINYINT(1) DEFAULT 0, `active` TINYINT(1) DEFAULT 0, `products` TEXT, `periods` TEXT,
  `client_groups` TEXT, `start_at` DATETIME, `end_at` DATETIME, `created_at` DATETIME, `updated_at` DATETIME,
  PRIMARY KEY (`id`)
);

CREATE TABLE `promo_redemption` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `promo_id` BIGINT, `client_id` BIGINT, `client_order_id` BIGINT,
  `invoice_id` BIGINT, `phase` VARCHAR(30) NOT NULL DEFAULT 'checkout',
  `status` VARCHAR(30) NOT NULL DEFAULT 'reserved', `discount_amount` DECIMAL(18,2), `currency` VARCHAR(20),
  `committed_at` DATETIME, `released_at` DATETIME, `release_reason` VARCHAR(100), `created_at` DATETIME,
  `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `form` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `name` VARCHAR(255), `style` TEXT, `created_at` DATETIME,
  `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `form_field` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `form_id` BIGINT, `name` VARCHAR(255), `label` VARCHAR(255),
  `hide_label` TINYINT(1), `description` VARCHAR(255), `type` VARCHAR(255), `default_value` VARCHAR(255),
  `required` TINYINT(1), `hidden` TINYINT(1), `readonly` TINYINT(1), `is_unique` TINYINT(1), `prefix` VARCHAR(255),
  `suffix` VARCHAR(255), `options` TEXT, `show_initial` VARCHAR(255), `show_middle` VARCHAR(255),
  `show_prefix` VARCHAR(255), `show_suffix` VARCHAR(255), `text_size` INT, `created_at` DATETIME,
  `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `cart` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `session_id` VARCHAR(32), `currency_id` BIGINT, `promo_id` BIGINT,
  `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `cart_product` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `cart_id` BIGINT, `product_id` BIGINT, `config` TEXT, PRIMARY KEY (`id`)
);

CREATE TABLE `client_order` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `client_id` BIGINT, `product_id` BIGINT, `form_id` BIGINT, `promo_id` BIGINT,
  `promo_recurring` TINYINT(1), `promo_used` BIGINT, `group_id` VARCHAR(255), `group_master` TINYINT(1) DEFAULT 0,
  `invoice_option` VARCHAR(255), `title` VARCHAR(255), `currency` VARCHAR(20), `unpaid_invoice_id` BIGINT,
  `service_id` BIGINT, `service_type` VARCHAR(100), `period` VARCHAR(20), `quantity` BIGINT DEFAULT 1,
  `unit` VARCHAR(100), `price` DECIMAL(18,2), `discount` DECIMAL(18,2), `status` VARCHAR(50), `reason` VARCHAR(255),
  `notes` TEXT, `config` TEXT, `suspension_grace_days` INT, `referred_by` VARCHAR(255), `expires_at` DATETIME,
  `activated_at` DATETIME, `suspended_at` DATETIME, `unsuspended_at` DATETIME, `canceled_at` DATETIME,
  `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `client_order_meta` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `client_order_id` BIGINT, `name` VARCHAR(255), `value` TEXT,
  `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `client_order_status` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `client_order_id` BIGINT, `status` VARCHAR(20), `notes` TEXT,
  `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

-- Services, one table per kind; pass and transfer_code stand there in clear.

CREATE TABLE `service_hosting` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `client_id` BIGINT, `service_hosting_server_id` BIGINT,
  `service_hosting_hp_id` BIGINT, `sld` VARCHAR(255), `tld` VARCHAR(255), `ip` VARCHAR(45), `username` VARCHAR(255),
  `pass` VARCHAR(255), `reseller` TINYINT(1), `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `service_hosting_hp` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `name` VARCHAR(255), `quota` VARCHAR(50), `bandwidth` VARCHAR(50),
  `max_ftp` VARCHAR(50), `max_sql` VARCHAR(50), `max_pop` VARCHAR(50), `max_sub` VARCHAR(50),
  `max_park` VARCHAR(50), `max_addon` VARCHAR(50), `config` TEXT, `created_at` DATETIME, `updated_at` DATETIME,
  PRIMARY KEY (`id`)
);

CREATE TABLE `service_hosting_server` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `name` VARCHAR(100), `ip` VARCHAR(45), `hostname` VARCHAR(100),
  `assigned_ips` TEXT, `status_url` VARCHAR(255), `active` TINYINT(1), `max_accounts` BIGINT, `ns1` VARCHAR(100),
  `ns2` VARCHAR(100), `ns3` VARCHAR(100), `ns4` VARCHAR(100), `manager` VARCHAR(100), `username` TEXT,
  `password` TEXT, `accesshash` TEXT, `password_length` TINYINT, `port` VARCHAR(20), `config` TEXT,
  `secure` TINYINT(1), `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `service_domain` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `client_id` BIGINT, `tld_registrar_id` BIGINT, `sld` VARCHAR(255),
  `tld` VARCHAR(100), `ns1` VARCHAR(255), `ns2` VARCHAR(255), `ns3` VARCHAR(255), `ns4` VARCHAR(255), `period` INT,
  `privacy` INT, `locked` TINYINT(1) DEFAULT 1, `transfer_code` VARCHAR(255), `action` VARCHAR(30),
  `contact_email` VARCHAR(255), `contact_company` VARCHAR(255), `contact_first_name` VARCHAR(255),
  `contact_last_name` VARCHAR(255), `contact_address1` VARCHAR(255), `contact_address2` VARCHAR(255),
  `contact_city` VARCHAR(255), `contact_state` VARCHAR(255), `contact_postcode` VARCHAR(255),
  `contact_country` VARCHAR(255), `contact_phone_cc` VARCHAR(255), `contact_phone` VARCHAR(255), `details` TEXT,
  `synced_at` DATETIME, `registered_at` DATETIME, `expires_at` DATETIME, `created_at` DATETIME,
  `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `tld` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `tld_registrar_id` BIGINT, `tld` VARCHAR(64),
  `price_registration` DECIMAL(18,2) DEFAULT 0.00, `price_renew` DECIMAL(18,2) DEFAULT 0.00,
  `price_transfer` DECIMAL(18,2) DEFAULT 0.00, `allow_register` TINYINT(1), `allow_transfer` TINYINT(1),
  `active` TINYINT(1) DEFAULT 1, `min_years` TINYINT, `periods` VARCHAR(255), `created_at` DATETIME,
  `updated_at` DATETIME, PRIMARY KEY (`id`), UNIQUE (`tld`)
);

CREATE TABLE `tld_registrar` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `name` VARCHAR(255), `registrar` VARCHAR(255), `test_mode` TINYINT DEFAULT 0,
  `config` TEXT, PRIMARY KEY (`id`)
);

CREATE TABLE `service_license` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `client_id` BIGINT, `license_key` VARCHAR(255),
  `validate_ip` TINYINT(1) DEFAULT 1, `validate_host` TINYINT(1) DEFAULT 1, `validate_path` TINYINT(1) DEFAULT 0,
  `validate_version` TINYINT(1) DEFAULT 0, `ips` TEXT, `hosts` TEXT, `paths` TEXT, `versions` TEXT, `config` TEXT,
  `plugin` VARCHAR(255), `checked_at` DATETIME, `pinged_at` DATETIME, `created_at` DATETIME, `updated_at` DATETIME,
  PRIMARY KEY (`id`), UNIQUE (`license_key`)
);

CREATE TABLE `service_custom` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `client_id` BIGINT, `plugin` VARCHAR(255), `plugin_config` TEXT, `f1` TEXT,
  `f2` TEXT, `f3` TEXT, `f4` TEXT, `f5` TEXT, `f6` TEXT, `f7` TEXT, `f8` TEXT, `f9` TEXT, `f10` TEXT, `config` TEXT,
  `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `service_downloadable` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `client_id` BIGINT, `created_at` DATETIME, `updated_at` DATETIME,
  PRIMARY KEY (`id`)
);

CREATE TABLE `service_downloadable_file` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `service_downloadable_id` BIGINT NOT NULL, `file_key` VARCHAR(32) NOT NULL,
  `filename` VARCHAR(255) NOT NULL, `stored_filename` VARCHAR(64) NOT NULL, `label` VARCHAR(255),
  `description` TEXT, `downloads` INT NOT NULL DEFAULT 0, `sort_order` INT NOT NULL DEFAULT 0,
  `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`), UNIQUE (`service_downloadable_id`, `file_key`)
);

-- Money. The buyer of an invoice is a copy of thirteen fields.

CREATE TABLE `invoice` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `client_id` BIGINT, `serie` VARCHAR(50), `nr` VARCHAR(255),
  `hash` VARCHAR(255), `currency` VARCHAR(25), `currency_rate` DECIMAL(13,6), `credit` DECIMAL(18,2),
  `base_income` DECIMAL(18,2), `base_refund` DECIMAL(18,2), `refund` DECIMAL(18,2), `notes` TEXT, `text_1` TEXT,
  `text_2` TEXT, `status` VARCHAR(50) DEFAULT 'unpaid', `seller_company` VARCHAR(255),
  `seller_company_vat` VARCHAR(255), `seller_company_number` VARCHAR(255), `seller_address` VARCHAR(255),
  `seller_phone` VARCHAR(255), `seller_email` VARCHAR(255), `buyer_first_name` VARCHAR(255),
  `buyer_last_name` VARCHAR(255), `buyer_company` VARCHAR(255), `buyer_company_vat` VARCHAR(255),
  `buyer_company_number` VARCHAR(255), `buyer_address` VARCHAR(255), `buyer_city` VARCHAR(255),
  `buyer_state` VARCHAR(255), `buyer_country` VARCHAR(255), `buyer_zip` VARCHAR(255), `buyer_phone` VARCHAR(255),
  `buyer_phone_cc` VARCHAR(255), `buyer_email` VARCHAR(255), `gateway_id` INT, `approved` TINYINT(1) DEFAULT 0,
  `taxname` VARCHAR(255), `taxrate` VARCHAR(35), `due_at` DATETIME, `reminded_at` DATETIME, `paid_at` DATETIME,
  `created_at` DATETIME, `updated_at` DATETIME, `hash_expires_at` DATETIME, PRIMARY KEY (`id`), UNIQUE (`hash`)
);

CREATE TABLE `invoice_item` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `invoice_id` BIGINT, `type` VARCHAR(100), `rel_id` TEXT, `task` VARCHAR(100),
  `status` VARCHAR(100), `title` VARCHAR(255), `period` VARCHAR(10), `quantity` BIGINT, `unit` VARCHAR(100),
  `price` DECIMAL(18,2), `charged` TINYINT(1) DEFAULT 0, `taxed` TINYINT(1) DEFAULT 0,
  `attempts` INT NOT NULL DEFAULT 0, `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `transaction` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `invoice_id` BIGINT, `gateway_id` INT, `txn_id` VARCHAR(255),
  `txn_status` VARCHAR(255), `s_id` VARCHAR(255), `s_period` VARCHAR(255), `amount` DECIMAL(18,2),
  `currency` VARCHAR(10), `type` VARCHAR(255), `status` VARCHAR(255) DEFAULT 'received', `ip` VARCHAR(45),
  `error` TEXT, `error_code` INT, `validate_ipn` TINYINT(1) DEFAULT 1, `ipn` TEXT, `ipn_hash` VARCHAR(64),
  `output` TEXT, `note` TEXT, `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `subscription` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `client_id` BIGINT, `pay_gateway_id` BIGINT, `sid` VARCHAR(255),
  `rel_type` VARCHAR(100), `rel_id` BIGINT, `period` VARCHAR(255), `amount` DECIMAL(18,2), `currency` VARCHAR(50),
  `status` VARCHAR(255), `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `client_balance` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `client_id` BIGINT, `type` VARCHAR(100), `rel_id` VARCHAR(20),
  `invoice_item_id` BIGINT, `amount` DECIMAL(18,2) DEFAULT 0.00, `description` TEXT, `created_at` DATETIME,
  `updated_at` DATETIME, PRIMARY KEY (`id`), UNIQUE (`invoice_item_id`)
);

CREATE TABLE `pay_gateway` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `name` VARCHAR(255), `gateway` VARCHAR(255), `accepted_currencies` TEXT,
  `enabled` TINYINT(1) DEFAULT 1, `allow_single` TINYINT(1) DEFAULT 1, `allow_recurrent` TINYINT(1) DEFAULT 1,
  `test_mode` TINYINT(1) DEFAULT 0, `config` TEXT, PRIMARY KEY (`id`)
);

CREATE TABLE `currency` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `code` VARCHAR(3), `is_default` TINYINT(1) DEFAULT 0,
  `conversion_rate` DECIMAL(13,6) DEFAULT 1.000000, `is_rate_manual` TINYINT(1) DEFAULT 0,
  `format_pattern` VARCHAR(100), `fraction_digits` SMALLINT, `created_at` DATETIME, `updated_at` DATETIME,
  PRIMARY KEY (`id`), UNIQUE (`code`)
);

CREATE TABLE `tax` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `level` BIGINT, `name` VARCHAR(255), `country` VARCHAR(255),
  `state` VARCHAR(255), `taxrate` VARCHAR(255), `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

-- What happened, and every mail that was sent.

CREATE TABLE `activity_admin_history` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `admin_id` BIGINT, `ip` VARCHAR(45), `created_at` DATETIME,
  PRIMARY KEY (`id`)
);

CREATE TABLE `activity_client_email` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `client_id` BIGINT, `sender` VARCHAR(255), `recipients` TEXT,
  `subject` VARCHAR(255), `content_html` TEXT, `content_text` TEXT, `attachment_name` VARCHAR(255),
  `attachment_content` LONGBLOB, `attachment_mime` VARCHAR(100), `created_at` DATETIME, `updated_at` DATETIME,
  PRIMARY KEY (`id`)
);

CREATE TABLE `activity_client_history` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `client_id` BIGINT, `ip` VARCHAR(45), `created_at` DATETIME,
  PRIMARY KEY (`id`)
);

CREATE TABLE `activity_system` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `priority` TINYINT, `admin_id` BIGINT, `client_id` BIGINT, `message` TEXT,
  `ip` VARCHAR(45), `created_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `email_queue` (
  `id` INT NOT NULL AUTO_INCREMENT, `recipient` VARCHAR(255) NOT NULL, `sender` VARCHAR(255) NOT NULL,
  `subject` VARCHAR(255) NOT NULL, `content` TEXT NOT NULL, `to_name` VARCHAR(255), `from_name` VARCHAR(255),
  `client_id` INT, `admin_id` INT, `priority` INT, `tries` INT NOT NULL, `status` VARCHAR(20) NOT NULL,
  `attachment_name` VARCHAR(255), `attachment_content` LONGBLOB, `attachment_mime` VARCHAR(100),
  `created_at` DATETIME NOT NULL, `updated_at` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `email_template` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `action_code` VARCHAR(255), `category` VARCHAR(30),
  `enabled` TINYINT(1) DEFAULT 1, `is_custom` TINYINT(1) DEFAULT 0, `is_overridden` TINYINT(1) DEFAULT 0,
  `subject` VARCHAR(255), `content` TEXT, `description` TEXT, `vars` TEXT, `last_error` TEXT,
  `error_checked_at` DATETIME, PRIMARY KEY (`id`), UNIQUE (`action_code`)
);

CREATE TABLE `email_template_group` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `email_template_id` BIGINT NOT NULL, `admin_group_id` BIGINT NOT NULL,
  `created_at` DATETIME, PRIMARY KEY (`id`), UNIQUE (`email_template_id`, `admin_group_id`)
);

CREATE TABLE `mod_massmailer` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `from_email` VARCHAR(255), `from_name` VARCHAR(255), `subject` VARCHAR(255),
  `content` TEXT, `filter` TEXT, `status` VARCHAR(255), `sent_at` DATETIME, `created_at` DATETIME,
  `updated_at` DATETIME, PRIMARY KEY (`id`)
);

-- The desk. A guest is known by author_email alone; an edited message leaves its old text in the history.

CREATE TABLE `support_helpdesk` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `name` VARCHAR(255), `email` VARCHAR(255), `close_after` SMALLINT DEFAULT 24,
  `can_reopen` TINYINT(1) DEFAULT 0, `signature` TEXT, `created_at` DATETIME, `updated_at` DATETIME,
  PRIMARY KEY (`id`)
);

CREATE TABLE `support_ticket` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `support_helpdesk_id` BIGINT, `client_id` BIGINT, `access_hash` VARCHAR(255),
  `author_name` VARCHAR(255), `author_email` VARCHAR(255), `priority` INT DEFAULT 100, `subject` VARCHAR(255),
  `status` VARCHAR(30) DEFAULT 'open', `rel_type` VARCHAR(100), `rel_id` BIGINT, `rel_task` VARCHAR(100),
  `rel_new_value` TEXT, `rel_status` VARCHAR(100), `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `support_ticket_message` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `support_ticket_id` BIGINT, `client_id` BIGINT, `admin_id` BIGINT,
  `content` TEXT, `attachment` VARCHAR(255), `ip` VARCHAR(45), `created_at` DATETIME, `updated_at` DATETIME,
  PRIMARY KEY (`id`)
);

CREATE TABLE `support_ticket_message_history` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `support_ticket_message_id` BIGINT NOT NULL, `admin_id` BIGINT,
  `content` TEXT, `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `support_ticket_note` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `support_ticket_id` BIGINT, `admin_id` BIGINT, `note` TEXT,
  `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `support_pr` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `support_pr_category_id` BIGINT, `title` VARCHAR(100), `content` TEXT,
  `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `support_pr_category` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `title` VARCHAR(100), `created_at` DATETIME, `updated_at` DATETIME,
  PRIMARY KEY (`id`)
);

CREATE TABLE `support_kb_article` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `kb_article_category_id` BIGINT, `views` INT DEFAULT 0, `title` VARCHAR(100),
  `content` TEXT, `slug` VARCHAR(255), `status` VARCHAR(30) DEFAULT 'active', `created_at` DATETIME,
  `updated_at` DATETIME, PRIMARY KEY (`id`), UNIQUE (`slug`)
);

CREATE TABLE `support_kb_article_category` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `title` VARCHAR(100), `description` TEXT, `slug` VARCHAR(255),
  `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`), UNIQUE (`slug`)
);

-- The company.

CREATE TABLE `admin` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `system_name` VARCHAR(100), `email` VARCHAR(255), `pass` VARCHAR(255),
  `salt` VARCHAR(255), `name` VARCHAR(255), `signature` VARCHAR(255), `status` VARCHAR(30) DEFAULT 'active',
  `api_token` VARCHAR(128), `timezone` VARCHAR(64), `created_at` DATETIME, `updated_at` DATETIME,
  PRIMARY KEY (`id`), UNIQUE (`email`), UNIQUE (`system_name`)
);

CREATE TABLE `admin_group` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `name` VARCHAR(255), `system_name` VARCHAR(100), `parent_id` BIGINT,
  `permissions` LONGTEXT, `protected` TINYINT(1) DEFAULT 0, `created_at` DATETIME, `updated_at` DATETIME,
  PRIMARY KEY (`id`), UNIQUE (`system_name`)
);

CREATE TABLE `admin_group_member` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `admin_id` BIGINT NOT NULL, `admin_group_id` BIGINT NOT NULL,
  `created_at` DATETIME, PRIMARY KEY (`id`), UNIQUE (`admin_id`, `admin_group_id`)
);

CREATE TABLE `admin_password_reset` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `admin_id` BIGINT, `hash` VARCHAR(100), `ip` VARCHAR(45),
  `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `extension` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `type` VARCHAR(255), `name` VARCHAR(255), `status` VARCHAR(100),
  `version` VARCHAR(100), PRIMARY KEY (`id`), UNIQUE (`type`, `name`)
);

CREATE TABLE `extension_meta` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `client_id` BIGINT, `extension` VARCHAR(255), `rel_type` VARCHAR(255),
  `rel_id` VARCHAR(255), `meta_key` VARCHAR(255), `meta_value` LONGTEXT, `created_at` DATETIME,
  `updated_at` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `post` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `admin_id` BIGINT, `title` VARCHAR(255), `description` TEXT, `content` TEXT,
  `slug` VARCHAR(255), `status` VARCHAR(30) DEFAULT 'draft', `image` VARCHAR(255), `section` VARCHAR(255),
  `publish_at` DATETIME, `published_at` DATETIME, `expires_at` DATETIME, `created_at` DATETIME,
  `updated_at` DATETIME, PRIMARY KEY (`id`), UNIQUE (`slug`)
);

CREATE TABLE `setting` (
  `id` BIGINT NOT NULL AUTO_INCREMENT, `param` VARCHAR(255), `value` TEXT, `public` TINYINT(1) DEFAULT 0,
  `category` VARCHAR(255), `hash` VARCHAR(255), `created_at` DATETIME, `updated_at` DATETIME, PRIMARY KEY (`id`),
  UNIQUE (`param`)
);
