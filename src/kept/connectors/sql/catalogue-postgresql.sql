-- fingerprint --
-- Changes when the schema changes, or what Kept may read. Rows: fingerprint.
SELECT md5(concat(
  (SELECT string_agg(concat_ws(':', a.attrelid, a.attname, a.attnum, a.atttypid, a.atttypmod, a.attnotnull, a.attgenerated,
                               a.attisdropped), ',' ORDER BY a.attrelid, a.attnum)
     FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'm', 'f') AND a.attnum > 0),
  (SELECT string_agg(concat_ws(':', c.oid, n.nspname, c.relname, c.relkind, has_table_privilege(c.oid, 'SELECT')), ','
                     ORDER BY c.oid)
     FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'm', 'f')),
  (SELECT string_agg(concat_ws(':', k.oid, k.conname, k.conkey, k.confrelid, k.confkey, k.confdeltype), ',' ORDER BY k.oid)
     FROM pg_constraint AS k JOIN pg_namespace AS n ON n.oid = k.connamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'),
  (SELECT string_agg(i.indexrelid::text, ',' ORDER BY i.indexrelid)
     FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE i.indisunique AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'),
  (SELECT string_agg(concat(h.inhparent, '>', h.inhrelid), ',' ORDER BY h.inhrelid, h.inhparent) FROM pg_inherits AS h),
  EXISTS (SELECT FROM pg_largeobject_metadata))) AS fingerprint;

-- columns --
-- Every column of every table and stored view that Kept may read, in any schema. Tables of another schema than the
-- connection's own are called schema.table. Rows: table_name, schema_name, name, native, category, length, nullable,
-- key_position, is_generated, made_from, ignores_case, labels, rows, stored_view, inherited.
WITH RECURSIVE base(type, at, typmod, not_null) AS (  -- through domains over domains to what is stored
  SELECT oid, oid, -1, false FROM pg_type
  UNION ALL
  SELECT b.type, t.typbasetype, CASE WHEN b.typmod = -1 THEN t.typtypmod ELSE b.typmod END, b.not_null OR t.typnotnull
    FROM base AS b JOIN pg_type AS t ON t.oid = b.at AND t.typtype = 'd')
SELECT CASE WHEN n.nspname = current_schema() THEN c.relname ELSE concat(n.nspname, '.', c.relname) END AS table_name,
       CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname END AS schema_name, a.attname AS name,
       -- What may follow CAST ... AS: "character" alone would be one letter long.
       CASE WHEN b.typname = 'bpchar' THEN 'bpchar' ELSE format_type(b.oid, NULL) END AS native, b.typcategory::text AS category,
       CASE WHEN b.typname IN ('varchar', 'bpchar') AND greatest(a.atttypmod, x.typmod) > 4
            THEN greatest(a.atttypmod, x.typmod) - 4 END AS length,
       NOT (a.attnotnull OR x.not_null) AS nullable,
       array_position(p.conkey, a.attnum) AS key_position, a.attgenerated <> '' OR a.attidentity = 'a' AS is_generated,
       CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END AS made_from,
       b.typname = 'citext' OR NOT coalesce(l.collisdeterministic, true) AS ignores_case,
       (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum AS e WHERE e.enumtypid = b.oid) AS labels,
       greatest(c.reltuples, 0)::bigint AS rows, c.relkind = 'm' AS stored_view,
       c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits AS h WHERE h.inhparent = c.oid) AS inherited
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN base AS x ON x.type = a.atttypid
  JOIN pg_type AS b ON b.oid = x.at AND b.typtype <> 'd'
  LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
  LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
  LEFT JOIN pg_constraint AS p ON p.conrelid = c.oid AND p.contype = 'p'
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
   AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
 ORDER BY table_name, a.attnum;

-- unread --
-- What Kept cannot search. Rows: table_name, why.
SELECT CASE WHEN n.nspname = current_schema() THEN c.relname ELSE concat(n.nspname, '.', c.relname) END AS table_name,
       CASE WHEN c.relkind = 'f' THEN 'it lies on another server' ELSE 'Kept''s account may not read it' END AS why
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'm', 'f') AND NOT c.relispartition
   AND (c.relkind = 'f' OR NOT has_schema_privilege(n.oid, 'USAGE') OR NOT has_table_privilege(c.oid, 'SELECT'))
UNION ALL
SELECT 'pg_largeobject', 'large objects belong to no table' WHERE EXISTS (SELECT FROM pg_largeobject_metadata);

-- unique_sets --
-- Columns whose values must differ together, by constraint or index. Rows: table_name, set_name, column_name, null_once,
-- in order. An index over an expression counts for the columns in the expression; null_once: even NULL may stand only once.
SELECT CASE WHEN n.nspname = current_schema() THEN c.relname ELSE concat(n.nspname, '.', c.relname) END AS table_name,
       i.indexrelid::regclass::text AS set_name, a.attname AS column_name,
       coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS null_once
  FROM pg_index AS i
  JOIN pg_class AS c ON c.oid = i.indrelid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
   AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid > 0
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
   -- Not the columns that only its WHERE speaks of.
   AND (a.attnum = ANY (i.indkey) OR strpos(pg_get_expr(i.indexprs, i.indrelid), quote_ident(a.attname)) > 0)
 WHERE i.indisunique AND NOT i.indisprimary AND n.nspname !~ '^pg_' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
UNION
SELECT CASE WHEN n.nspname = current_schema() THEN c.relname ELSE concat(n.nspname, '.', c.relname) END,
       k.conname, a.attname, coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)
  FROM pg_constraint AS k
  JOIN pg_class AS c ON c.oid = k.conrelid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_index AS i ON i.indexrelid = k.conindid
  JOIN unnest(k.conkey) AS m(number) ON true
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = m.number
 WHERE k.contype IN ('u', 'x') AND n.nspname !~ '^pg_' AND NOT c.relispartition
 ORDER BY 1, 2, 3;

-- foreign_keys --
-- Declared references. Rows: table_name, set_name, column_name, to_table, to_column, on_delete, in order.
SELECT CASE WHEN n.nspname = current_schema() THEN c.relname ELSE concat(n.nspname, '.', c.relname) END AS table_name,
       k.conname AS set_name, a.attname AS column_name,
       CASE WHEN o.nspname = current_schema() THEN r.relname ELSE concat(o.nspname, '.', r.relname) END AS to_table,
       b.attname AS to_column,
       CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT'
                          WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END AS on_delete
  FROM pg_constraint AS k
  JOIN pg_class AS c ON c.oid = k.conrelid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_class AS r ON r.oid = k.confrelid
  JOIN pg_namespace AS o ON o.oid = r.relnamespace
  JOIN unnest(k.conkey, k.confkey) WITH ORDINALITY AS m(from_number, to_number, position) ON true
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = m.from_number
  JOIN pg_attribute AS b ON b.attrelid = r.oid AND b.attnum = m.to_number
 WHERE k.contype = 'f' AND k.conparentid = 0  -- a partition has its own copy of the constraint
 ORDER BY 1, k.conname, m.position;

-- checks --
-- CHECK constraints of tables and of the domains of their columns. Rows: table_name, name, expression.
WITH RECURSIVE base(type, at) AS (
  SELECT oid, oid FROM pg_type
  UNION ALL
  SELECT b.type, t.typbasetype FROM base AS b JOIN pg_type AS t ON t.oid = b.at AND t.typtype = 'd')
SELECT CASE WHEN n.nspname = current_schema() THEN c.relname ELSE concat(n.nspname, '.', c.relname) END AS table_name,
       k.conname AS name, pg_get_expr(k.conbin, k.conrelid) AS expression
  FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE k.contype = 'c' AND n.nspname !~ '^pg_'
UNION ALL
SELECT CASE WHEN n.nspname = current_schema() THEN c.relname ELSE concat(n.nspname, '.', c.relname) END,
       k.conname, regexp_replace(pg_get_expr(k.conbin, 0), '\mVALUE\M', quote_ident(a.attname), 'g')
  FROM pg_attribute AS a
  JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  JOIN base AS x ON x.type = a.atttypid
  JOIN pg_constraint AS k ON k.contypid = x.at AND k.contype = 'c'
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';
