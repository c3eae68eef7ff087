-- fingerprint --
-- Changes when the schema changes. Rows: fingerprint.
SELECT concat_ws('/',
  (SELECT concat(count(*), ':', coalesce(sum(conv(left(md5(concat_ws(':', table_name, column_name, ordinal_position, column_type,
                 is_nullable, collation_name, extra, generation_expression)), 12), 16, 10)), 0))
     FROM information_schema.columns WHERE table_schema = database()),
  (SELECT concat(count(*), ':', coalesce(sum(conv(left(md5(concat_ws(':', table_name, table_type, engine)), 12), 16, 10)), 0))
     FROM information_schema.tables WHERE table_schema = database()),
  (SELECT concat(count(*), ':', coalesce(sum(conv(left(md5(concat_ws(':', constraint_name, check_clause)), 12), 16, 10)), 0))
     FROM information_schema.check_constraints WHERE constraint_schema = database()),
  (SELECT concat(count(*), ':', coalesce(sum(conv(left(md5(concat_ws(':', table_name, index_name, seq_in_index, column_name,
                 non_unique)), 12), 16, 10)), 0))
     FROM information_schema.statistics WHERE table_schema = database() AND non_unique = 0),
  (SELECT concat(count(*), ':', coalesce(sum(conv(left(md5(concat_ws(':', table_name, constraint_name, referenced_table_name,
                 delete_rule)), 12), 16, 10)), 0))
     FROM information_schema.referential_constraints WHERE constraint_schema = database())) AS fingerprint;

-- columns --
-- Every column of every table. Rows: table_name, name, native, column_type, length, nullable, key_position, is_generated,
-- made_from, moves, charset, collation, rows, transactional, versioned.
SELECT c.table_name AS table_name, c.column_name AS name, lower(c.data_type) AS native, c.column_type AS column_type,
       CASE WHEN c.data_type IN ('char', 'varchar', 'binary', 'varbinary', 'tinytext', 'tinyblob') THEN c.character_maximum_length END AS length,
       c.is_nullable = 'YES' AS nullable, k.seq_in_index AS key_position,
       -- Not every %GENERATED%: MySQL says DEFAULT_GENERATED of a default.
       (c.extra LIKE '%VIRTUAL%' OR c.extra LIKE '%STORED%' OR c.extra LIKE '%PERSISTENT%') AS is_generated,
       c.generation_expression AS made_from, c.extra LIKE '%on update%' AS moves,
       c.character_set_name AS charset, c.collation_name AS collation, coalesce(t.table_rows, 0) AS `rows`,
       coalesce(e.transactions, 'YES') = 'YES' AS transactional, t.table_type = 'SYSTEM VERSIONED' AS versioned
  FROM information_schema.columns AS c
  JOIN information_schema.tables AS t
    ON t.table_schema = c.table_schema AND t.table_name = c.table_name 
   AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
  LEFT JOIN information_schema.engines AS e ON e.engine = t.engine
  LEFT JOIN information_schema.statistics AS k
    ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name
   AND k.index_name = 'PRIMARY'
 WHERE c.table_schema = database()
 ORDER BY c.table_name, c.ordinal_position;

-- unique_sets --
-- Columns whose values must differ together. Rows: table_name, set_name, column_name, in order.
SELECT table_name AS table_name, index_name AS set_name, column_name AS column_name
  FROM information_schema.statistics
 WHERE table_schema = database() AND non_unique = 0 AND index_name <> 'PRIMARY' AND column_name IS NOT NULL
 ORDER BY table_name, index_name, seq_in_index;

-- foreign_keys --
-- Declared references. Rows: table_name, set_name, column_name, to_table, to_column, on_delete, in order.
SELECT k.table_name AS table_name, k.constraint_name AS set_name, k.column_name AS column_name,
       k.referenced_table_name AS to_table, k.referenced_column_name AS to_column, r.delete_rule AS on_delete
  FROM information_schema.key_column_usage AS k
  JOIN information_schema.referential_constraints AS r
    ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
 WHERE k.table_schema = database() AND k.referenced_table_name IS NOT NULL
 ORDER BY k.table_name, k.constraint_name, k.ordinal_position;

-- checks --
-- CHECK constraints (MariaDB keeps the table's name beside them). Rows: table_name, name, expression.
SELECT table_name AS table_name, constraint_name AS name, check_clause AS expression
  FROM information_schema.check_constraints
 WHERE constraint_schema = database();
