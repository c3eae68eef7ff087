-- fingerprint --
-- Changes when the schema changes. Rows: fingerprint.
SELECT coalesce(group_concat(line, char(10)), '') AS fingerprint
  FROM (SELECT type || ':' || name || ':' || coalesce(sql, '') AS line FROM sqlite_master ORDER BY type, name);

-- columns --
-- Every column of every table. Rows: table_name, name, native, nullable, key_position, is_generated.
SELECT m.name AS table_name, c.name, lower(c.type) AS native, c."notnull" = 0 AS nullable, c.pk AS key_position,
       c.hidden IN (2, 3) AS is_generated
  FROM sqlite_master AS m JOIN pragma_table_xinfo(m.name) AS c
 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\' AND c.hidden <> 1
   AND coalesce(m.sql, '') NOT LIKE 'CREATE VIRTUAL TABLE%'
 ORDER BY m.name, c.cid;

-- unique_sets --
-- Columns whose values must differ together. Rows: table_name, set_name, column_name, in order.
SELECT m.name AS table_name, i.name AS set_name, c.name AS column_name
  FROM sqlite_master AS m JOIN pragma_index_list(m.name) AS i JOIN pragma_index_info(i.name) AS c
 WHERE m.type = 'table' AND i."unique" = 1 AND i.origin <> 'pk' AND c.name IS NOT NULL
 ORDER BY m.name, i.name, c.seqno;

-- foreign_keys --
-- Declared references. Rows: table_name, set_name, column_name, to_table, to_column, on_delete, in order.
SELECT m.name AS table_name, f.id AS set_name, f."from" AS column_name, f."table" AS to_table,
       coalesce(f."to", (SELECT p.name FROM pragma_table_info(f."table") AS p WHERE p.pk = f.seq + 1)) AS to_column,
       f.on_delete
  FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f
 WHERE m.type = 'table'
 ORDER BY m.name, f.id, f.seq;

-- checks --
-- CHECK constraints: SQLite keeps only the table's own text. Rows: table_name, name, expression.
SELECT name AS table_name, '' AS name, sql AS expression
  FROM sqlite_master
 WHERE type = 'table' AND sql LIKE '%check%(%';
