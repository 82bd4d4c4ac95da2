-- Foreign keys after an upgrade.

-- A foreign key that is added to a filled table checks its rows as the table's owner, to whom no row is visible: it checks none. The kernel sees every
-- row. Whatever is found goes back to whoever runs the installation; no guess of a program sets right what belongs to another study.
CREATE OR REPLACE FUNCTION nw.check_keys() RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  k record;
  orphans bigint;
  example text;
BEGIN
  FOR k IN
    SELECT o.conname, o.conrelid::regclass AS rows_of, o.confrelid::regclass AS target, string_agg(quote_ident(a.attname), ', ' ORDER BY i.at) AS columns,
           string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ') AS given, string_agg(format('p.%I = c.%I', b.attname, a.attname), ' AND ') AS same,
           string_agg(format('c.%I::text', a.attname), ', ' ORDER BY i.at) AS texts
      FROM pg_constraint o
     CROSS JOIN LATERAL unnest(o.conkey, o.confkey) WITH ORDINALITY i (from_column, to_column, at)
      JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = i.from_column
      JOIN pg_attribute b ON b.attrelid = o.confrelid AND b.attnum = i.to_column
     WHERE o.contype = 'f' AND o.connamespace = 'public'::regnamespace GROUP BY o.oid, o.conname, o.conrelid, o.confrelid ORDER BY o.conname
  LOOP
    EXECUTE format('SELECT count(*), min(concat_ws('', '', %s)) FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s)', k.texts, k.rows_of, k.given, k.target, k.same)
       INTO orphans, example;
    IF orphans > 0 THEN
      RAISE EXCEPTION '% row(s) of % name by (%) no row of %, for example (%): what they hang on is not there or is of another study. Nothing was changed. Correct or remove them as the administrator of Postgres (SET session_replication_role = replica passes the guards of one session), then start again.',
        orphans, k.rows_of, k.columns, k.target, example USING ERRCODE = '23503', CONSTRAINT = k.conname;
    END IF;
  END LOOP;
END $$;
