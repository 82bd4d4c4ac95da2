-- A snapshot is frozen with its first run, also where an image and a run come at the same moment on two connections: whoever adds images holds the
-- snapshot alone, whoever adds a run holds it beside other runs, each to the end of the transaction. The transaction that makes a snapshot waits for
-- nobody, because nobody else sees it yet.
CREATE FUNCTION nw.hold_snapshot() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM dataset_snapshot WHERE id = new.snapshot_id FOR SHARE;
  RETURN new;
END $$;
CREATE TRIGGER hold_snapshot BEFORE INSERT ON model_run FOR EACH ROW EXECUTE FUNCTION nw.hold_snapshot();
--> statement-breakpoint
-- An item says of its image what the records say, so that what is judged by items (who shares a fold, what leaks, areas) is judged by the records.
-- Above the model nothing changes after the lock, and before it there are no items.
CREATE FUNCTION nw.refuse_made_up_item() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
  -- EXECUTE, so that it is planned for the rows there are: a plan that a connection keeps from a small study takes ten times as long in a large one.
  EXECUTE $q$
    SELECT a.crop_id, v.field, coalesce(v.said, 'nothing') AS said, coalesce(v.recorded, 'nothing') AS recorded, c.id IS NOT NULL AS labelled
      FROM added a
      LEFT JOIN (crop c JOIN node n ON n.id = c.node_id JOIN subject s ON s.id = n.subject_id
                 JOIN LATERAL (SELECT p.result FROM pathology_report p WHERE p.node_id = n.id ORDER BY p.reported_at DESC LIMIT 1) r ON r.result <> 'not_found'
                 LEFT JOIN LATERAL (SELECT z.short_axis_mm::float8 AS mm FROM node_size z WHERE z.node_id = n.id ORDER BY z.measured_at DESC LIMIT 1) z ON true)
        ON c.id = a.crop_id AND c.superseded_at IS NULL AND NOT EXISTS (SELECT FROM node_exclusion x WHERE x.node_id = n.id)
     CROSS JOIN LATERAL (VALUES ('subject', a.subject, s.number), ('node', a.node, n.label), ('sha256', a.sha256, c.sha256),
       ('pixel_sha256', a.pixel_sha256, c.pixel_sha256), ('truth', a.truth::text, (r.result = 'positive')::int::text), ('width', a.width::text, c.width::text),
       ('height', a.height::text, c.height::text), ('short_axis_mm', a.short_axis_mm::text, z.mm::text)) v (field, said, recorded)
     WHERE v.said IS DISTINCT FROM v.recorded ORDER BY a.position LIMIT 1 $q$ INTO wrong;
  IF wrong IS NULL THEN RETURN NULL; END IF;
  IF NOT wrong.labelled THEN
    RAISE EXCEPTION 'Image % has no reference standard: it was superseded, its node was excluded, or pathology did not report or find it. Nothing was added; leave it out.',
      wrong.crop_id USING ERRCODE = 'NW007';
  END IF;
  RAISE EXCEPTION 'Of image % the item says % %, the records say %. Nothing was added; take subject, node, hashes, truth and sizes from the records, as a freeze does.',
    wrong.crop_id, wrong.field, wrong.said, wrong.recorded USING ERRCODE = 'NW007';
END $$;
CREATE TRIGGER refuse_made_up_item AFTER INSERT ON dataset_item REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_made_up_item();
--> statement-breakpoint
GRANT CREATE ON SCHEMA nw TO nw_kernel;
ALTER FUNCTION nw.hold_snapshot() OWNER TO nw_kernel;
ALTER FUNCTION nw.refuse_made_up_item() OWNER TO nw_kernel;
SET LOCAL ROLE nw_kernel;
CREATE OR REPLACE FUNCTION nw.refuse_late_item() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- At any other isolation a run that was committed meanwhile would stay unseen below.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'Images are added to a snapshot at the isolation level READ COMMITTED only. Nothing was added; set no other.' USING ERRCODE = 'NW007';
  END IF;
  PERFORM FROM dataset_snapshot WHERE id IN (SELECT snapshot_id FROM added) ORDER BY id FOR NO KEY UPDATE;
  IF EXISTS (SELECT FROM model_run r WHERE r.snapshot_id IN (SELECT snapshot_id FROM added)) THEN
    RAISE EXCEPTION 'This snapshot has a run: nothing is added to it. Freeze another one.' USING ERRCODE = 'NW007';
  END IF;
  RETURN NULL;
END $$;
-- A role that was given meanwhile on another connection would stay unseen likewise.
CREATE OR REPLACE FUNCTION nw.refuse_leaky_membership() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE other study_role;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'Roles are given at the isolation level READ COMMITTED only. Nothing was saved; set no other.' USING ERRCODE = 'NW003';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(new.study_id::text || new.person_id::text, 0));
  SELECT role INTO other FROM membership
   WHERE study_id = new.study_id AND person_id = new.person_id AND role <> new.role AND (role = 'reader' OR new.role = 'reader') LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'This person is or was % in this study and cannot be % as well: a reader holds no other role, before or after.', other, new.role USING ERRCODE = 'NW003';
  END IF;
  RETURN new;
END $$;
RESET ROLE;
REVOKE CREATE ON SCHEMA nw FROM nw_kernel;
--> statement-breakpoint
-- A foreign key that is added to a filled table checks its rows as the table's owner, to whom no row is visible: those of 0007 checked none. The kernel
-- sees every row. Whatever is found goes back to whoever runs the installation; no guess of a program sets right what belongs to another study.
SET LOCAL ROLE nw_kernel;
DO $$
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
RESET ROLE;
