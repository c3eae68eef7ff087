-- The tables of osTicket as its pack meets them on MariaDB; {prefix} stands for the table prefix, ost_ by default.
-- Names, types, NOT NULL and UNIQUE, which is what an erasure depends on, written from the catalogue of a server that
-- holds them (October 2023). 442 of its columns may not be NULL, and no foreign key is declared.

-- People. A telephone number is not here: it is a value of a form.

CREATE TABLE `{prefix}user` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `org_id` INT UNSIGNED NOT NULL, `default_email_id` INT NOT NULL,
  `status` INT UNSIGNED NOT NULL DEFAULT 0, `name` VARCHAR(128) NOT NULL, `created` DATETIME NOT NULL,
  `updated` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}user_email` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `user_id` INT UNSIGNED NOT NULL,
  `flags` INT UNSIGNED NOT NULL DEFAULT 0, `address` VARCHAR(255) NOT NULL, PRIMARY KEY (`id`), UNIQUE (`address`)
);

CREATE TABLE `{prefix}user_account` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `user_id` INT UNSIGNED NOT NULL,
  `status` INT UNSIGNED NOT NULL DEFAULT 0, `timezone` VARCHAR(64), `lang` VARCHAR(16), `username` VARCHAR(64),
  `passwd` VARCHAR(128), `backend` VARCHAR(32), `extra` TEXT, `registered` TIMESTAMP DEFAULT current_timestamp(),
  PRIMARY KEY (`id`), UNIQUE (`username`)
);

CREATE TABLE `{prefix}organization` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `name` VARCHAR(128) NOT NULL DEFAULT '',
  `manager` VARCHAR(16) NOT NULL DEFAULT '', `status` INT UNSIGNED NOT NULL DEFAULT 0,
  `domain` VARCHAR(256) NOT NULL DEFAULT '', `extra` TEXT, `created` TIMESTAMP, `updated` TIMESTAMP,
  PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}note` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `pid` INT UNSIGNED, `staff_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `ext_id` VARCHAR(10), `body` TEXT, `status` INT UNSIGNED NOT NULL DEFAULT 0,
  `sort` INT UNSIGNED NOT NULL DEFAULT 0, `created` TIMESTAMP NOT NULL, `updated` TIMESTAMP NOT NULL,
  PRIMARY KEY (`id`)
);

-- Forms, fields, entries, values.

CREATE TABLE `{prefix}form` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `pid` INT UNSIGNED, `type` VARCHAR(8) NOT NULL DEFAULT 'G',
  `flags` INT UNSIGNED NOT NULL DEFAULT 1, `title` VARCHAR(255) NOT NULL, `instructions` VARCHAR(512),
  `name` VARCHAR(64) NOT NULL DEFAULT '', `notes` TEXT, `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL,
  PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}form_field` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `form_id` INT UNSIGNED NOT NULL, `flags` INT UNSIGNED DEFAULT 1,
  `type` VARCHAR(255) NOT NULL DEFAULT 'text', `label` VARCHAR(255) NOT NULL, `name` VARCHAR(64) NOT NULL,
  `configuration` TEXT, `sort` INT UNSIGNED NOT NULL, `hint` VARCHAR(512), `created` DATETIME NOT NULL,
  `updated` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}form_entry` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `form_id` INT UNSIGNED NOT NULL, `object_id` INT UNSIGNED,
  `object_type` CHAR(1) NOT NULL DEFAULT 'T', `sort` INT UNSIGNED NOT NULL DEFAULT 1, `extra` TEXT,
  `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}form_entry_values` (
  `entry_id` INT UNSIGNED NOT NULL, `field_id` INT UNSIGNED NOT NULL, `value` TEXT, `value_id` INT,
  PRIMARY KEY (`entry_id`, `field_id`)
);

CREATE TABLE `{prefix}list` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `name` VARCHAR(255) NOT NULL, `name_plural` VARCHAR(255),
  `sort_mode` ENUM('Alpha','-Alpha','SortCol') NOT NULL DEFAULT 'Alpha', `masks` INT UNSIGNED NOT NULL DEFAULT 0,
  `type` VARCHAR(16), `configuration` TEXT NOT NULL, `notes` TEXT, `created` DATETIME NOT NULL,
  `updated` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}list_items` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `list_id` INT, `status` INT UNSIGNED NOT NULL DEFAULT 1,
  `value` VARCHAR(255) NOT NULL, `extra` VARCHAR(255), `sort` INT NOT NULL DEFAULT 1, `properties` TEXT,
  PRIMARY KEY (`id`)
);

-- Tickets and tasks.

CREATE TABLE `{prefix}ticket` (
  `ticket_id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `ticket_pid` INT UNSIGNED, `number` VARCHAR(20),
  `user_id` INT UNSIGNED NOT NULL DEFAULT 0, `user_email_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `status_id` INT UNSIGNED NOT NULL DEFAULT 0, `dept_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `sla_id` INT UNSIGNED NOT NULL DEFAULT 0, `topic_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `staff_id` INT UNSIGNED NOT NULL DEFAULT 0, `team_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `email_id` INT UNSIGNED NOT NULL DEFAULT 0, `lock_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `flags` INT UNSIGNED NOT NULL DEFAULT 0, `sort` INT UNSIGNED NOT NULL DEFAULT 0,
  `ip_address` VARCHAR(64) NOT NULL DEFAULT '',
  `source` ENUM('Web','Email','Phone','API','Other') NOT NULL DEFAULT 'Other', `source_extra` VARCHAR(40),
  `isoverdue` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0, `isanswered` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0,
  `duedate` DATETIME, `est_duedate` DATETIME, `reopened` DATETIME, `closed` DATETIME, `lastupdate` DATETIME,
  `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL, PRIMARY KEY (`ticket_id`)
);

CREATE TABLE `{prefix}ticket_status` (
  `id` INT NOT NULL AUTO_INCREMENT, `name` VARCHAR(60) NOT NULL DEFAULT '', `state` VARCHAR(16),
  `mode` INT UNSIGNED NOT NULL DEFAULT 0, `flags` INT UNSIGNED NOT NULL DEFAULT 0,
  `sort` INT UNSIGNED NOT NULL DEFAULT 0, `properties` TEXT NOT NULL, `created` DATETIME NOT NULL,
  `updated` DATETIME NOT NULL, PRIMARY KEY (`id`), UNIQUE (`name`)
);

CREATE TABLE `{prefix}ticket_priority` (
  `priority_id` TINYINT NOT NULL AUTO_INCREMENT, `priority` VARCHAR(60) NOT NULL DEFAULT '',
  `priority_desc` VARCHAR(30) NOT NULL DEFAULT '', `priority_color` VARCHAR(7) NOT NULL DEFAULT '',
  `priority_urgency` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0, `ispublic` TINYINT(1) NOT NULL DEFAULT 1,
  PRIMARY KEY (`priority_id`), UNIQUE (`priority`)
);

CREATE TABLE `{prefix}task` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `object_id` INT NOT NULL DEFAULT 0, `object_type` CHAR(1) NOT NULL,
  `number` VARCHAR(20), `dept_id` INT UNSIGNED NOT NULL DEFAULT 0, `staff_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `team_id` INT UNSIGNED NOT NULL DEFAULT 0, `lock_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `flags` INT UNSIGNED NOT NULL DEFAULT 0, `duedate` DATETIME, `closed` DATETIME, `created` DATETIME NOT NULL,
  `updated` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}help_topic` (
  `topic_id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `topic_pid` INT UNSIGNED NOT NULL DEFAULT 0,
  `ispublic` TINYINT(1) UNSIGNED NOT NULL DEFAULT 1, `noautoresp` TINYINT UNSIGNED NOT NULL DEFAULT 0,
  `flags` INT UNSIGNED DEFAULT 0, `status_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `priority_id` INT UNSIGNED NOT NULL DEFAULT 0, `dept_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `staff_id` INT UNSIGNED NOT NULL DEFAULT 0, `team_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `sla_id` INT UNSIGNED NOT NULL DEFAULT 0, `page_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `sequence_id` INT UNSIGNED NOT NULL DEFAULT 0, `sort` INT UNSIGNED NOT NULL DEFAULT 0,
  `topic` VARCHAR(128) NOT NULL DEFAULT '', `number_format` VARCHAR(32), `notes` TEXT, `created` DATETIME NOT NULL,
  `updated` DATETIME NOT NULL, PRIMARY KEY (`topic_id`), UNIQUE (`topic`, `topic_pid`)
);

CREATE TABLE `{prefix}help_topic_form` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `topic_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `form_id` INT UNSIGNED NOT NULL DEFAULT 0, `sort` INT UNSIGNED NOT NULL DEFAULT 1, `extra` TEXT,
  PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}lock` (
  `lock_id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `staff_id` INT UNSIGNED NOT NULL DEFAULT 0, `expire` DATETIME,
  `code` VARCHAR(20), `created` DATETIME NOT NULL, PRIMARY KEY (`lock_id`)
);

CREATE TABLE `{prefix}sequence` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `name` VARCHAR(64), `flags` INT UNSIGNED,
  `next` BIGINT UNSIGNED NOT NULL DEFAULT 1, `increment` INT DEFAULT 1, `padding` CHAR(1) DEFAULT '0',
  `updated` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

-- Conversations: names and addresses are copied to every message.

CREATE TABLE `{prefix}thread` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `object_id` INT UNSIGNED NOT NULL, `object_type` CHAR(1) NOT NULL,
  `extra` TEXT, `lastresponse` DATETIME, `lastmessage` DATETIME, `created` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}thread_collaborator` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `flags` INT UNSIGNED NOT NULL DEFAULT 1,
  `thread_id` INT UNSIGNED NOT NULL DEFAULT 0, `user_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `role` CHAR(1) NOT NULL DEFAULT 'M', `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL, PRIMARY KEY (`id`),
  UNIQUE (`thread_id`, `user_id`)
);

CREATE TABLE `{prefix}thread_entry` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `pid` INT UNSIGNED NOT NULL DEFAULT 0,
  `thread_id` INT UNSIGNED NOT NULL DEFAULT 0, `staff_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `user_id` INT UNSIGNED NOT NULL DEFAULT 0, `type` CHAR(1) NOT NULL DEFAULT '',
  `flags` INT UNSIGNED NOT NULL DEFAULT 0, `poster` VARCHAR(128) NOT NULL DEFAULT '', `editor` INT UNSIGNED,
  `editor_type` CHAR(1), `source` VARCHAR(32) NOT NULL DEFAULT '', `title` VARCHAR(255), `body` TEXT NOT NULL,
  `format` VARCHAR(16) NOT NULL DEFAULT 'html', `ip_address` VARCHAR(64) NOT NULL DEFAULT '', `extra` TEXT,
  `recipients` TEXT, `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}thread_entry_email` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `thread_entry_id` INT UNSIGNED NOT NULL, `email_id` INT UNSIGNED,
  `mid` VARCHAR(255) NOT NULL, `headers` TEXT, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}thread_entry_merge` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `thread_entry_id` INT UNSIGNED NOT NULL, `data` TEXT,
  PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}thread_event` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `thread_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `thread_type` CHAR(1) NOT NULL DEFAULT '', `event_id` INT UNSIGNED, `staff_id` INT UNSIGNED NOT NULL,
  `team_id` INT UNSIGNED NOT NULL, `dept_id` INT UNSIGNED NOT NULL, `topic_id` INT UNSIGNED NOT NULL,
  `data` VARCHAR(1024), `username` VARCHAR(128) NOT NULL DEFAULT 'SYSTEM', `uid` INT UNSIGNED,
  `uid_type` CHAR(1) NOT NULL DEFAULT 'S', `annulled` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0,
  `timestamp` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}thread_referral` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `thread_id` INT UNSIGNED NOT NULL, `object_id` INT UNSIGNED NOT NULL,
  `object_type` CHAR(1) NOT NULL, `created` DATETIME NOT NULL, PRIMARY KEY (`id`),
  UNIQUE (`object_id`, `object_type`, `thread_id`)
);

CREATE TABLE `{prefix}event` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `name` VARCHAR(60) NOT NULL, `description` VARCHAR(60),
  PRIMARY KEY (`id`), UNIQUE (`name`)
);

CREATE TABLE `{prefix}draft` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `staff_id` INT UNSIGNED NOT NULL,
  `namespace` VARCHAR(32) NOT NULL DEFAULT '', `body` TEXT NOT NULL, `extra` TEXT,
  `created` TIMESTAMP NOT NULL DEFAULT current_timestamp(), `updated` TIMESTAMP, PRIMARY KEY (`id`)
);

-- Files, cut in pieces; one that comes twice is stored once.

CREATE TABLE `{prefix}attachment` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `object_id` INT UNSIGNED NOT NULL, `type` CHAR(1) NOT NULL,
  `file_id` INT UNSIGNED NOT NULL, `name` VARCHAR(255), `inline` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0,
  `lang` VARCHAR(16), PRIMARY KEY (`id`), UNIQUE (`object_id`, `file_id`, `type`), UNIQUE (`file_id`, `object_id`)
);

CREATE TABLE `{prefix}file` (
  `id` INT NOT NULL AUTO_INCREMENT, `ft` CHAR(1) NOT NULL DEFAULT 'T', `bk` CHAR(1) NOT NULL DEFAULT 'D',
  `type` VARCHAR(255) NOT NULL DEFAULT '', `size` BIGINT UNSIGNED NOT NULL DEFAULT 0, `key` VARCHAR(86) NOT NULL,
  `signature` VARCHAR(86) NOT NULL, `name` VARCHAR(255) NOT NULL DEFAULT '', `attrs` VARCHAR(255),
  `created` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}file_chunk` (
  `file_id` INT NOT NULL, `chunk_id` INT NOT NULL, `filedata` LONGBLOB NOT NULL, PRIMARY KEY (`file_id`, `chunk_id`)
);

-- Staff, and how they work.

CREATE TABLE `{prefix}staff` (
  `staff_id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `dept_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `role_id` INT UNSIGNED NOT NULL DEFAULT 0, `username` VARCHAR(32) NOT NULL DEFAULT '', `firstname` VARCHAR(32),
  `lastname` VARCHAR(32), `passwd` VARCHAR(128), `backend` VARCHAR(32), `email` VARCHAR(255),
  `phone` VARCHAR(24) NOT NULL DEFAULT '', `phone_ext` VARCHAR(6), `mobile` VARCHAR(24) NOT NULL DEFAULT '',
  `signature` TEXT NOT NULL, `lang` VARCHAR(16), `timezone` VARCHAR(64), `locale` VARCHAR(16), `notes` TEXT,
  `isactive` TINYINT(1) NOT NULL DEFAULT 1, `isadmin` TINYINT(1) NOT NULL DEFAULT 0,
  `isvisible` TINYINT(1) UNSIGNED NOT NULL DEFAULT 1, `onvacation` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0,
  `assigned_only` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0,
  `show_assigned_tickets` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0,
  `change_passwd` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0, `max_page_size` INT UNSIGNED NOT NULL DEFAULT 0,
  `auto_refresh_rate` INT UNSIGNED NOT NULL DEFAULT 0,
  `default_signature_type` ENUM('none','mine','dept') NOT NULL DEFAULT 'none',
  `default_paper_size` ENUM('Letter','Legal','Ledger','A4','A3') NOT NULL DEFAULT 'Letter', `extra` TEXT,
  `permissions` TEXT, `created` DATETIME NOT NULL, `lastlogin` DATETIME, `passwdreset` DATETIME,
  `updated` DATETIME NOT NULL, PRIMARY KEY (`staff_id`), UNIQUE (`username`)
);

CREATE TABLE `{prefix}staff_dept_access` (
  `staff_id` INT UNSIGNED NOT NULL DEFAULT 0, `dept_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `role_id` INT UNSIGNED NOT NULL DEFAULT 0, `flags` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`staff_id`, `dept_id`)
);

CREATE TABLE `{prefix}department` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `pid` INT UNSIGNED, `tpl_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `sla_id` INT UNSIGNED NOT NULL DEFAULT 0, `schedule_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `email_id` INT UNSIGNED NOT NULL DEFAULT 0, `autoresp_email_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `manager_id` INT UNSIGNED NOT NULL DEFAULT 0, `flags` INT UNSIGNED NOT NULL DEFAULT 0,
  `name` VARCHAR(128) NOT NULL DEFAULT '', `signature` TEXT NOT NULL,
  `ispublic` TINYINT(1) UNSIGNED NOT NULL DEFAULT 1, `group_membership` TINYINT(1) NOT NULL DEFAULT 0,
  `ticket_auto_response` TINYINT(1) NOT NULL DEFAULT 1, `message_auto_response` TINYINT(1) NOT NULL DEFAULT 0,
  `path` VARCHAR(128) NOT NULL DEFAULT '/', `updated` DATETIME NOT NULL, `created` DATETIME NOT NULL,
  PRIMARY KEY (`id`), UNIQUE (`name`, `pid`)
);

CREATE TABLE `{prefix}role` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `flags` INT UNSIGNED NOT NULL DEFAULT 1, `name` VARCHAR(64),
  `permissions` TEXT, `notes` TEXT, `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL, PRIMARY KEY (`id`),
  UNIQUE (`name`)
);

CREATE TABLE `{prefix}team` (
  `team_id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `lead_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `flags` INT UNSIGNED NOT NULL DEFAULT 1, `name` VARCHAR(125) NOT NULL DEFAULT '', `notes` TEXT,
  `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL, PRIMARY KEY (`team_id`), UNIQUE (`name`)
);

CREATE TABLE `{prefix}team_member` (
  `team_id` INT UNSIGNED NOT NULL DEFAULT 0, `staff_id` INT UNSIGNED NOT NULL,
  `flags` INT UNSIGNED NOT NULL DEFAULT 0, PRIMARY KEY (`team_id`, `staff_id`)
);

CREATE TABLE `{prefix}group` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `role_id` INT UNSIGNED NOT NULL,
  `flags` INT UNSIGNED NOT NULL DEFAULT 1, `name` VARCHAR(120) NOT NULL DEFAULT '', `notes` TEXT,
  `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}session` (
  `session_id` VARCHAR(255) NOT NULL DEFAULT '', `session_data` BLOB, `session_expire` DATETIME,
  `session_updated` DATETIME, `user_id` VARCHAR(16) NOT NULL DEFAULT '0', `user_ip` VARCHAR(64) NOT NULL,
  `user_agent` VARCHAR(255) NOT NULL, PRIMARY KEY (`session_id`)
);

CREATE TABLE `{prefix}queue` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `parent_id` INT UNSIGNED NOT NULL DEFAULT 0, `columns_id` INT UNSIGNED,
  `sort_id` INT UNSIGNED, `flags` INT UNSIGNED NOT NULL DEFAULT 0, `staff_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `sort` INT UNSIGNED NOT NULL DEFAULT 0, `title` VARCHAR(60), `config` TEXT, `filter` VARCHAR(64),
  `root` VARCHAR(32), `path` VARCHAR(80) NOT NULL DEFAULT '/', `created` DATETIME NOT NULL,
  `updated` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}queue_column` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `flags` INT UNSIGNED NOT NULL DEFAULT 0,
  `name` VARCHAR(64) NOT NULL DEFAULT '', `primary` VARCHAR(64) NOT NULL DEFAULT '', `secondary` VARCHAR(64),
  `filter` VARCHAR(32), `truncate` VARCHAR(16), `annotations` TEXT, `conditions` TEXT, `extra` TEXT,
  PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}queue_columns` (
  `queue_id` INT UNSIGNED NOT NULL, `column_id` INT UNSIGNED NOT NULL, `staff_id` INT UNSIGNED NOT NULL,
  `bits` INT UNSIGNED NOT NULL DEFAULT 0, `sort` INT UNSIGNED NOT NULL DEFAULT 1, `heading` VARCHAR(64),
  `width` INT UNSIGNED NOT NULL DEFAULT 100, PRIMARY KEY (`queue_id`, `column_id`, `staff_id`)
);

CREATE TABLE `{prefix}queue_config` (
  `queue_id` INT UNSIGNED NOT NULL, `staff_id` INT UNSIGNED NOT NULL, `setting` TEXT, `updated` DATETIME NOT NULL,
  PRIMARY KEY (`queue_id`, `staff_id`)
);

CREATE TABLE `{prefix}queue_export` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `queue_id` INT UNSIGNED NOT NULL,
  `path` VARCHAR(64) NOT NULL DEFAULT '', `heading` VARCHAR(64), `sort` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}queue_sort` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `root` VARCHAR(32), `name` VARCHAR(64) NOT NULL DEFAULT '',
  `columns` TEXT, `updated` DATETIME, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}queue_sorts` (
  `queue_id` INT UNSIGNED NOT NULL, `sort_id` INT UNSIGNED NOT NULL, `bits` INT UNSIGNED NOT NULL DEFAULT 0,
  `sort` INT UNSIGNED NOT NULL DEFAULT 0, PRIMARY KEY (`queue_id`, `sort_id`)
);

CREATE TABLE `{prefix}schedule` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `flags` INT UNSIGNED NOT NULL DEFAULT 0, `name` VARCHAR(255) NOT NULL,
  `timezone` VARCHAR(64), `description` VARCHAR(255) NOT NULL, `created` DATETIME NOT NULL,
  `updated` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}schedule_entry` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `schedule_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `flags` INT UNSIGNED NOT NULL DEFAULT 0, `sort` TINYINT UNSIGNED NOT NULL DEFAULT 0, `name` VARCHAR(255) NOT NULL,
  `repeats` VARCHAR(16) NOT NULL DEFAULT 'never', `starts_on` DATE, `starts_at` TIME, `ends_on` DATE,
  `ends_at` TIME, `stops_on` DATETIME, `day` TINYINT, `week` TINYINT, `month` TINYINT, `created` DATETIME NOT NULL,
  `updated` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}sla` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `schedule_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `flags` INT UNSIGNED NOT NULL DEFAULT 3, `grace_period` INT UNSIGNED NOT NULL DEFAULT 0,
  `name` VARCHAR(64) NOT NULL DEFAULT '', `notes` TEXT, `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL,
  PRIMARY KEY (`id`), UNIQUE (`name`)
);

-- Texts and settings of the company.

CREATE TABLE `{prefix}api_key` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `isactive` TINYINT(1) NOT NULL DEFAULT 1,
  `ipaddr` VARCHAR(64) NOT NULL, `apikey` VARCHAR(255) NOT NULL,
  `can_create_tickets` TINYINT(1) UNSIGNED NOT NULL DEFAULT 1,
  `can_exec_cron` TINYINT(1) UNSIGNED NOT NULL DEFAULT 1, `notes` TEXT, `updated` DATETIME NOT NULL,
  `created` DATETIME NOT NULL, PRIMARY KEY (`id`), UNIQUE (`apikey`)
);

CREATE TABLE `{prefix}canned_response` (
  `canned_id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `dept_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `isenabled` TINYINT(1) UNSIGNED NOT NULL DEFAULT 1, `title` VARCHAR(255) NOT NULL DEFAULT '',
  `response` TEXT NOT NULL, `lang` VARCHAR(16) NOT NULL DEFAULT 'en_US', `notes` TEXT, `created` DATETIME NOT NULL,
  `updated` DATETIME NOT NULL, PRIMARY KEY (`canned_id`), UNIQUE (`title`)
);

CREATE TABLE `{prefix}config` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `namespace` VARCHAR(64) NOT NULL, `key` VARCHAR(64) NOT NULL,
  `value` TEXT NOT NULL, `updated` TIMESTAMP NOT NULL DEFAULT current_timestamp(), PRIMARY KEY (`id`),
  UNIQUE (`namespace`, `key`)
);

CREATE TABLE `{prefix}content` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `isactive` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0,
  `type` VARCHAR(32) NOT NULL DEFAULT 'other', `name` VARCHAR(255) NOT NULL, `body` TEXT NOT NULL, `notes` TEXT,
  `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL, PRIMARY KEY (`id`), UNIQUE (`name`)
);

CREATE TABLE `{prefix}email` (
  `email_id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `noautoresp` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0,
  `priority_id` INT UNSIGNED NOT NULL DEFAULT 2, `dept_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `topic_id` INT UNSIGNED NOT NULL DEFAULT 0, `email` VARCHAR(255) NOT NULL DEFAULT '',
  `name` VARCHAR(255) NOT NULL DEFAULT '', `notes` TEXT, `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL,
  PRIMARY KEY (`email_id`), UNIQUE (`email`)
);

CREATE TABLE `{prefix}email_account` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `email_id` INT UNSIGNED NOT NULL,
  `type` ENUM('mailbox','smtp') NOT NULL DEFAULT 'mailbox', `auth_bk` VARCHAR(128) NOT NULL, `auth_id` VARCHAR(16),
  `active` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0, `host` VARCHAR(128) NOT NULL DEFAULT '', `port` INT NOT NULL,
  `folder` VARCHAR(255), `protocol` ENUM('IMAP','POP','SMTP','OTHER') NOT NULL DEFAULT 'OTHER',
  `encryption` ENUM('NONE','AUTO','SSL') NOT NULL DEFAULT 'AUTO', `fetchfreq` TINYINT UNSIGNED NOT NULL DEFAULT 5,
  `fetchmax` TINYINT UNSIGNED DEFAULT 30, `postfetch` ENUM('archive','delete','nothing') NOT NULL DEFAULT 'nothing',
  `archivefolder` VARCHAR(255), `allow_spoofing` TINYINT(1) UNSIGNED DEFAULT 0,
  `num_errors` INT UNSIGNED NOT NULL DEFAULT 0, `last_error_msg` TINYTEXT, `last_error` DATETIME,
  `last_activity` DATETIME, `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}email_template` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `tpl_id` INT UNSIGNED NOT NULL, `code_name` VARCHAR(32) NOT NULL,
  `subject` VARCHAR(255) NOT NULL DEFAULT '', `body` TEXT NOT NULL, `notes` TEXT, `created` DATETIME NOT NULL,
  `updated` DATETIME NOT NULL, PRIMARY KEY (`id`), UNIQUE (`tpl_id`, `code_name`)
);

CREATE TABLE `{prefix}email_template_group` (
  `tpl_id` INT NOT NULL AUTO_INCREMENT, `isactive` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0,
  `name` VARCHAR(32) NOT NULL DEFAULT '', `lang` VARCHAR(16) NOT NULL DEFAULT 'en_US', `notes` TEXT,
  `created` DATETIME NOT NULL, `updated` TIMESTAMP NOT NULL, PRIMARY KEY (`tpl_id`)
);

CREATE TABLE `{prefix}faq` (
  `faq_id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `category_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `ispublished` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0, `question` VARCHAR(255) NOT NULL, `answer` TEXT NOT NULL,
  `keywords` TINYTEXT, `notes` TEXT, `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL,
  PRIMARY KEY (`faq_id`), UNIQUE (`question`)
);

CREATE TABLE `{prefix}faq_category` (
  `category_id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `category_pid` INT UNSIGNED,
  `ispublic` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0, `name` VARCHAR(125), `description` TEXT NOT NULL,
  `notes` TINYTEXT NOT NULL, `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL, PRIMARY KEY (`category_id`)
);

CREATE TABLE `{prefix}faq_topic` (
  `faq_id` INT UNSIGNED NOT NULL, `topic_id` INT UNSIGNED NOT NULL, PRIMARY KEY (`faq_id`, `topic_id`)
);

CREATE TABLE `{prefix}filter` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `execorder` INT UNSIGNED NOT NULL DEFAULT 99,
  `isactive` TINYINT(1) UNSIGNED NOT NULL DEFAULT 1, `flags` INT UNSIGNED DEFAULT 0,
  `status` INT UNSIGNED NOT NULL DEFAULT 0, `match_all_rules` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0,
  `stop_onmatch` TINYINT(1) UNSIGNED NOT NULL DEFAULT 0,
  `target` ENUM('Any','Web','Email','API') NOT NULL DEFAULT 'Any', `email_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `name` VARCHAR(32) NOT NULL DEFAULT '', `notes` TEXT, `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL,
  PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}filter_action` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `filter_id` INT UNSIGNED NOT NULL,
  `sort` INT UNSIGNED NOT NULL DEFAULT 0, `type` VARCHAR(24) NOT NULL, `configuration` TEXT,
  `updated` DATETIME NOT NULL, PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}filter_rule` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `filter_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `what` VARCHAR(32) NOT NULL,
  `how` ENUM('equal','not_equal','contains','dn_contain','starts','ends','match','not_match') NOT NULL,
  `val` VARCHAR(255) NOT NULL, `isactive` TINYINT(1) UNSIGNED NOT NULL DEFAULT 1, `notes` TINYTEXT NOT NULL,
  `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL, PRIMARY KEY (`id`),
  UNIQUE (`filter_id`, `what`, `how`, `val`)
);

CREATE TABLE `{prefix}plugin` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `name` VARCHAR(255) NOT NULL, `install_path` VARCHAR(60) NOT NULL,
  `isphar` TINYINT(1) NOT NULL DEFAULT 0, `isactive` TINYINT(1) NOT NULL DEFAULT 0, `version` VARCHAR(64),
  `notes` TEXT, `installed` DATETIME NOT NULL, PRIMARY KEY (`id`), UNIQUE (`install_path`)
);

CREATE TABLE `{prefix}plugin_instance` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `plugin_id` INT UNSIGNED NOT NULL, `flags` INT NOT NULL DEFAULT 0,
  `name` VARCHAR(255) NOT NULL DEFAULT '', `notes` TEXT, `created` DATETIME NOT NULL, `updated` DATETIME,
  PRIMARY KEY (`id`)
);

CREATE TABLE `{prefix}syslog` (
  `log_id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `log_type` ENUM('Debug','Warning','Error') NOT NULL,
  `title` VARCHAR(255) NOT NULL, `log` TEXT NOT NULL, `logger` VARCHAR(64) NOT NULL,
  `ip_address` VARCHAR(64) NOT NULL, `created` DATETIME NOT NULL, `updated` DATETIME NOT NULL,
  PRIMARY KEY (`log_id`)
);

CREATE TABLE `{prefix}translation` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `object_hash` CHAR(16), `type` ENUM('phrase','article','override'),
  `flags` INT UNSIGNED NOT NULL DEFAULT 0, `revision` INT UNSIGNED, `agent_id` INT UNSIGNED NOT NULL DEFAULT 0,
  `lang` VARCHAR(16) NOT NULL DEFAULT '', `text` MEDIUMTEXT NOT NULL, `source_text` TEXT, `updated` TIMESTAMP,
  PRIMARY KEY (`id`)
);

-- Made while it runs: the search index, and a copy of every form's answers with a column for each of its fields.

CREATE TABLE `{prefix}_search` (
  `object_type` VARCHAR(8) NOT NULL, `object_id` INT UNSIGNED NOT NULL, `title` TEXT, `content` TEXT,
  PRIMARY KEY (`object_type`, `object_id`)
);

CREATE TABLE `{prefix}user__cdata` (
  `user_id` INT UNSIGNED NOT NULL, `email` MEDIUMTEXT, `name` MEDIUMTEXT, `phone` MEDIUMTEXT, `notes` MEDIUMTEXT,
  PRIMARY KEY (`user_id`)
);

CREATE TABLE `{prefix}ticket__cdata` (
  `ticket_id` INT UNSIGNED NOT NULL, `subject` MEDIUMTEXT, `priority` MEDIUMTEXT,
  PRIMARY KEY (`ticket_id`)
);

CREATE TABLE `{prefix}task__cdata` (
  `task_id` INT UNSIGNED NOT NULL, `title` MEDIUMTEXT,
  PRIMARY KEY (`task_id`)
);

CREATE TABLE `{prefix}organization__cdata` (
  `org_id` INT UNSIGNED NOT NULL, `name` MEDIUMTEXT, `address` MEDIUMTEXT, `phone` MEDIUMTEXT, `website` MEDIUMTEXT, `notes` MEDIUMTEXT,
  PRIMARY KEY (`org_id`)
);
