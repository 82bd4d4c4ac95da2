-- What drizzle-kit does not write: grants, FORCE ROW LEVEL SECURITY, the kernel's policies, triggers, and the functions
-- through which a reader works. nw_kernel owns the functions, cannot log in, and no login role can become it.
DO $$
DECLARE t text;
BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY kernel ON public.%I TO nw_kernel USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON public.%I TO nw_kernel', t);
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO nw_kernel, nw_sign_in, nw_person, nw_importer, nw_worker, nw_coordinator, nw_locating_radiologist, nw_reader,
  nw_pathologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_administrator;
--> statement-breakpoint
-- Grants, in the order of the table "who sees what". No grant, no row, whatever a policy says. Update grants name columns.
GRANT SELECT ON person, credential, session, sign_in_failure TO nw_sign_in;
GRANT INSERT ON session, sign_in_failure TO nw_sign_in;
GRANT UPDATE (revoked_at) ON session TO nw_sign_in;

GRANT SELECT ON person, study, site, membership, protocol_version, session TO nw_person;
GRANT INSERT ON study, site, membership, protocol_version TO nw_person;
GRANT UPDATE (revoked_at) ON session TO nw_person;

GRANT SELECT ON person, study, membership, protocol_version, study_lock TO
  nw_coordinator, nw_locating_radiologist, nw_reader, nw_pathologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_administrator, nw_importer;
GRANT SELECT ON site TO
  nw_coordinator, nw_locating_radiologist, nw_pathologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_administrator, nw_importer;

GRANT SELECT ON subject, node, node_exclusion TO
  nw_coordinator, nw_locating_radiologist, nw_pathologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_importer;
GRANT SELECT ON subject_identity TO nw_coordinator, nw_pathologist, nw_monitor;
GRANT SELECT ON eligibility_assessment, consent, baseline TO
  nw_coordinator, nw_locating_radiologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_importer;
GRANT SELECT ON exam, node_size, crop, stored_object, specimen, node_match TO
  nw_coordinator, nw_locating_radiologist, nw_pathologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_importer;
GRANT SELECT ON pathology_report TO nw_pathologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_importer;
GRANT SELECT ON reading_list, reading_progress TO
  nw_coordinator, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_administrator, nw_importer;
GRANT SELECT ON reading_slot, read TO nw_data_scientist, nw_principal_investigator, nw_importer;
GRANT SELECT ON reading_view TO nw_data_scientist, nw_principal_investigator;
GRANT SELECT ON dataset_snapshot, dataset_item, model_run, run_log, run_metric, checkpoint, crop_score TO
  nw_data_scientist, nw_principal_investigator, nw_importer, nw_worker;
GRANT SELECT ON analysis_result TO nw_data_scientist, nw_principal_investigator, nw_importer;
GRANT SELECT ON audit_event TO nw_coordinator, nw_principal_investigator, nw_monitor, nw_administrator;
GRANT SELECT ON audit_change TO nw_principal_investigator;
GRANT SELECT ON person, study, crop, stored_object TO nw_worker;

GRANT INSERT ON person, credential, membership TO nw_administrator, nw_principal_investigator, nw_importer;
GRANT INSERT ON site TO nw_administrator;
GRANT INSERT ON protocol_version TO nw_administrator, nw_principal_investigator;
GRANT UPDATE (ended_at) ON membership TO nw_administrator, nw_principal_investigator;
GRANT UPDATE (state, protocol_version_id) ON study TO nw_principal_investigator, nw_importer;
GRANT UPDATE (protocol_version_id) ON study TO nw_administrator;
GRANT INSERT ON subject, eligibility_assessment, consent, baseline, exam TO nw_coordinator, nw_importer;
GRANT INSERT ON subject_identity TO nw_coordinator;
GRANT UPDATE (status, enrolled_at) ON subject TO nw_coordinator, nw_importer;
GRANT INSERT ON node, node_exclusion, node_size, crop TO nw_locating_radiologist, nw_importer;
GRANT UPDATE (superseded_at) ON crop TO nw_locating_radiologist;
GRANT INSERT ON stored_object TO nw_locating_radiologist, nw_importer, nw_worker;
GRANT INSERT ON reading_list, reading_slot TO nw_principal_investigator, nw_coordinator, nw_importer;
GRANT INSERT ON read TO nw_importer;
GRANT INSERT ON specimen, node_match, pathology_report TO nw_pathologist, nw_importer;
GRANT INSERT ON study_lock TO nw_principal_investigator, nw_importer;
GRANT INSERT ON dataset_snapshot, dataset_item, model_run TO nw_data_scientist, nw_importer;
GRANT UPDATE (cancel_requested_at) ON model_run TO nw_data_scientist, nw_importer;
GRANT UPDATE (state, environment, phase, done, total, attempts, error, figures, started_at, ended_at, heartbeat_at) ON model_run TO nw_worker;
GRANT INSERT ON run_log, run_metric, checkpoint, crop_score TO nw_worker;
GRANT INSERT ON analysis_result TO nw_data_scientist, nw_principal_investigator, nw_importer;
--> statement-breakpoint
-- The audit trail. Person, role and study come from the claim, never from the caller.
CREATE FUNCTION nw.record(action text, entity text, entity_id text, reason text, detail jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO audit_event (study_id, person_id, role, action, entity, entity_id, reason, detail)
  VALUES (nw.study_id(), nw.person_id(), coalesce(nw.role(), 'unknown'), $1, $2, $3, $4, $5)
$$;
--> statement-breakpoint
CREATE FUNCTION nw.record_refusal(action text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT nw.record('access.refused', 'action', $1, NULL, NULL)
$$;
--> statement-breakpoint
CREATE FUNCTION nw.audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  b jsonb := CASE WHEN tg_op <> 'INSERT' THEN to_jsonb(old) END;
  a jsonb := CASE WHEN tg_op <> 'DELETE' THEN to_jsonb(new) END;
BEGIN
  INSERT INTO audit_change (study_id, person_id, role, table_name, operation, before, after)
  VALUES (coalesce(a ->> 'study_id', b ->> 'study_id', nw.study_id()::text)::uuid, nw.person_id(), nw.role(), tg_table_name, lower(tg_op), b, a);
  RETURN NULL;
END $$;
--> statement-breakpoint
-- After the lock nothing above the model changes. FOR SHARE makes a write and the lock wait for each other.
CREATE FUNCTION nw.refuse_when_locked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE now_state study_state;
BEGIN
  SELECT state INTO now_state FROM study WHERE id = new.study_id FOR SHARE;
  IF now_state = 'locked' THEN
    RAISE EXCEPTION 'The database of this study is locked: nothing above the model can change.' USING ERRCODE = 'NW001';
  END IF;
  RETURN new;
END $$;
--> statement-breakpoint
CREATE FUNCTION nw.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'Rows of % are never changed or removed: a correction is a new row.', tg_table_name USING ERRCODE = 'NW002';
END $$;
--> statement-breakpoint
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['subject', 'subject_identity', 'eligibility_assessment', 'consent', 'baseline', 'exam', 'node', 'node_exclusion', 'node_size',
                           'crop', 'reading_list', 'reading_slot', 'reading_view', 'read', 'specimen', 'node_match', 'pathology_report'] LOOP
    EXECUTE format('CREATE TRIGGER refuse_when_locked BEFORE INSERT OR UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION nw.refuse_when_locked()', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['subject', 'eligibility_assessment', 'consent', 'baseline', 'exam', 'node', 'node_exclusion', 'node_size', 'crop', 'reading_list',
                           'read', 'specimen', 'node_match', 'pathology_report', 'study', 'membership', 'protocol_version', 'study_lock', 'model_run'] LOOP
    EXECUTE format('CREATE TRIGGER audit_row AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION nw.audit_row()', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['eligibility_assessment', 'consent', 'baseline', 'exam', 'node_size', 'reading_list', 'reading_slot', 'reading_view', 'reading_progress', 'read',
                           'node_match', 'pathology_report', 'protocol_version', 'study_lock', 'dataset_snapshot', 'dataset_item', 'crop_score',
                           'analysis_result', 'audit_event', 'audit_change', 'stored_object'] LOOP
    EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION nw.refuse_change()', t);
    EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION nw.refuse_change()', t);
  END LOOP;
END $$;
--> statement-breakpoint
-- A reader holds no other role in the study; neither does the locating radiologist or the pathologist read.
CREATE FUNCTION nw.refuse_leaky_membership() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE other study_role;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(new.study_id::text || new.person_id::text, 0));
  SELECT role INTO other FROM membership
   WHERE study_id = new.study_id AND person_id = new.person_id AND role <> new.role AND (role = 'reader' OR new.role = 'reader') LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'This person is or was % in this study and cannot be % as well: a reader holds no other role, before or after.', other, new.role USING ERRCODE = 'NW003';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER refuse_leaky_membership BEFORE INSERT ON membership FOR EACH ROW EXECUTE FUNCTION nw.refuse_leaky_membership();
--> statement-breakpoint
CREATE FUNCTION nw.refuse_scheduled_crop() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM reading_slot WHERE crop_id = new.id) THEN
    RAISE EXCEPTION 'This crop is in a reading schedule and can no longer be replaced.' USING ERRCODE = 'NW004';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER refuse_scheduled_crop BEFORE UPDATE ON crop FOR EACH ROW EXECUTE FUNCTION nw.refuse_scheduled_crop();
--> statement-breakpoint
CREATE FUNCTION nw.note_read() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF new.slot_id IS NOT NULL THEN
    INSERT INTO reading_progress (slot_id, study_id, list_id, submitted_at)
    SELECT s.id, s.study_id, s.list_id, new.submitted_at FROM reading_slot s WHERE s.id = new.slot_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER note_read AFTER INSERT ON read FOR EACH ROW EXECUTE FUNCTION nw.note_read();
--> statement-breakpoint
-- What a reader knows of the own schedule: how far each list is and when it opens.
CREATE FUNCTION nw.my_lists() RETURNS TABLE (list_id uuid, condition_key text, condition_ordinal int, batch int, shows_size boolean, wash_out_days numeric,
  total int, done int, opens_at timestamptz, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH mine AS (
    SELECT l.*, (SELECT count(*)::int FROM reading_slot s WHERE s.list_id = l.id) AS total,
           (SELECT count(*)::int FROM reading_progress p WHERE p.list_id = l.id) AS done,
           (SELECT max(p.submitted_at) FROM reading_progress p WHERE p.list_id = l.id) AS last_submitted
      FROM reading_list l
     WHERE l.membership_id = nw.membership_id() AND l.study_id = nw.study_id() AND nw.claim(1) = 'reader'
  ), dated AS (
    SELECT m.*,
           NOT EXISTS (SELECT FROM mine e WHERE e.condition_ordinal < m.condition_ordinal AND e.done < e.total) AS earlier_done,
           (SELECT max(e.last_submitted) FROM mine e WHERE e.condition_ordinal < m.condition_ordinal) + m.wash_out_days * interval '1 day' AS opens_at
      FROM mine m
  )
  SELECT id, condition_key, condition_ordinal, batch, shows_size, wash_out_days, total, done, CASE WHEN earlier_done THEN opens_at END,
         CASE WHEN done >= total THEN 'complete' WHEN nw.locked() THEN 'closed' WHEN NOT earlier_done THEN 'waiting'
              WHEN coalesce(opens_at, '-infinity') > now() THEN 'wash-out' ELSE 'open' END
    FROM dated ORDER BY condition_ordinal, batch
$$;
--> statement-breakpoint
CREATE TYPE nw.reading_case AS (slot_id uuid, list_id uuid, "position" int, total int, condition_key text, shows_size boolean, plane text, sha256 text,
  width int, height int, short_axis_mm numeric, protocol_version_id uuid, shown_sha256 text);
-- The case whose turn it is: the first unread one of the first open list. The size is there only in a condition that shows it.
CREATE FUNCTION nw.next_case() RETURNS SETOF nw.reading_case LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH list AS (SELECT * FROM nw.my_lists() l WHERE l.state = 'open' ORDER BY l.condition_ordinal, l.batch LIMIT 1),
  slot AS (
    SELECT s.* FROM reading_slot s JOIN list l ON s.list_id = l.list_id
     WHERE NOT EXISTS (SELECT FROM reading_progress p WHERE p.slot_id = s.id) ORDER BY s.position LIMIT 1
  ), shown AS (
    SELECT s.id, l.list_id, s.position, l.total, l.condition_key, l.shows_size, c.plane, c.sha256, c.width, c.height,
           CASE WHEN l.shows_size THEN (SELECT z.short_axis_mm FROM node_size z WHERE z.node_id = c.node_id ORDER BY z.measured_at DESC LIMIT 1) END AS mm,
           r.protocol_version_id
      FROM slot s JOIN list l ON l.list_id = s.list_id JOIN crop c ON c.id = s.crop_id JOIN reading_list r ON r.id = l.list_id
  )
  SELECT id, list_id, position, total, condition_key, shows_size, plane, sha256, width, height, mm, protocol_version_id,
         encode(sha256(convert_to(concat_ws('|', id, sha256, plane, condition_key, coalesce(mm::text, 'hidden'), protocol_version_id), 'UTF8')), 'hex')
    FROM shown
$$;
--> statement-breakpoint
-- The only way in which a reader gets at the current case: it is noted as shown, with the hash of what was shown, before it is handed out.
CREATE FUNCTION nw.current_case() RETURNS SETOF nw.reading_case LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c nw.reading_case;
BEGIN
  SELECT * INTO c FROM nw.next_case();
  IF NOT FOUND THEN RETURN; END IF;
  INSERT INTO reading_view (slot_id, study_id, shown_sha256) VALUES (c.slot_id, nw.study_id(), c.shown_sha256) ON CONFLICT (slot_id) DO NOTHING;
  IF FOUND THEN
    PERFORM nw.record('case.shown', 'reading_slot', c.slot_id::text, NULL, jsonb_build_object('condition', c.condition_key, 'shown', c.shown_sha256));
  END IF;
  RETURN NEXT c;
END $$;
--> statement-breakpoint
-- Submits the read of the current case, once: the same idempotency key again answers 'already', a slot that is not the current one is refused.
CREATE FUNCTION nw.submit_read(slot uuid, key uuid, criteria jsonb, rule_set text, proposed call, decided call, override_reason text, confidence int, active_ms int)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  c record;
  code text;
BEGIN
  SELECT reader_code INTO code FROM membership
   WHERE id = nw.membership_id() AND study_id = nw.study_id() AND person_id = nw.person_id() AND role = 'reader' AND ended_at IS NULL AND nw.claim(1) = 'reader' FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'Only a reader of this study submits reads.' USING ERRCODE = 'NW005'; END IF;
  IF EXISTS (SELECT FROM read r JOIN reading_slot s ON s.id = r.slot_id JOIN reading_list l ON l.id = s.list_id
              WHERE r.idempotency_key = submit_read.key AND r.slot_id = submit_read.slot AND l.membership_id = nw.membership_id()) THEN
    RETURN 'already';
  END IF;
  SELECT * INTO c FROM nw.next_case();
  IF c.slot_id IS DISTINCT FROM submit_read.slot THEN
    RAISE EXCEPTION 'This case is not the one being read: it was submitted before, or its list is not open.' USING ERRCODE = 'NW006';
  END IF;
  INSERT INTO read (study_id, crop_id, reader_code, condition_key, slot_id, criteria, rule_set_key, proposed_call, call, override_reason, confidence, active_ms,
                    shown_sha256, protocol_version_id, source, idempotency_key)
  SELECT s.study_id, s.crop_id, code, c.condition_key, s.id, submit_read.criteria, submit_read.rule_set, submit_read.proposed, submit_read.decided,
         nullif(trim(submit_read.override_reason), ''), submit_read.confidence, submit_read.active_ms, c.shown_sha256, c.protocol_version_id, 'reader', submit_read.key
    FROM reading_slot s WHERE s.id = submit_read.slot;
  PERFORM nw.record('read.submitted', 'reading_slot', submit_read.slot::text, NULL, jsonb_build_object('condition', c.condition_key, 'shown', c.shown_sha256));
  RETURN 'accepted';
END $$;
--> statement-breakpoint
-- Crops that no schedule holds yet: ids only, for whoever draws the schedule without seeing the images.
CREATE FUNCTION nw.schedulable_crops() RETURNS TABLE (crop_id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.id FROM crop c
   WHERE c.study_id = nw.study_id() AND nw.claim(1) IN ('principal_investigator', 'coordinator', 'importer') AND c.superseded_at IS NULL
     AND NOT EXISTS (SELECT FROM node_exclusion x WHERE x.node_id = c.node_id) AND NOT EXISTS (SELECT FROM reading_slot s WHERE s.crop_id = c.id)
   ORDER BY c.created_at, c.id
$$;
--> statement-breakpoint
-- How many cases a list has: its slots name crops, which whoever follows the progress does not see.
CREATE FUNCTION nw.list_length(list uuid) RETURNS int LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*)::int FROM reading_slot s WHERE s.list_id = $1 AND s.study_id = nw.study_id() AND nw.claim(1) <> 'reader'
$$;
--> statement-breakpoint
-- The numbers that are taken in a study, at whatever site.
CREATE FUNCTION nw.subject_numbers() RETURNS TABLE (number text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.number FROM subject s WHERE s.study_id = nw.study_id() AND nw.claim(1) = 'coordinator'
$$;
--> statement-breakpoint
-- That a pathology report is there, not what it says.
CREATE FUNCTION nw.reported_nodes() RETURNS TABLE (node_id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT p.node_id FROM pathology_report p
   WHERE p.study_id = nw.study_id() AND nw.claim(1) IN ('coordinator', 'locating_radiologist', 'principal_investigator', 'pathologist', 'monitor', 'importer')
$$;
--> statement-breakpoint
-- Counts for the pages that say where the study stands; no value of any single record. `planes` is the number of planes of the protocol.
CREATE FUNCTION nw.study_counts(planes int) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH n AS (
    SELECT n.id, n.subject_id, EXISTS (SELECT FROM node_exclusion x WHERE x.node_id = n.id) AS excluded,
           EXISTS (SELECT FROM node_size z WHERE z.node_id = n.id) AS sized,
           (SELECT count(DISTINCT c.plane) FROM crop c WHERE c.node_id = n.id AND c.superseded_at IS NULL) AS cropped,
           EXISTS (SELECT FROM pathology_report p WHERE p.node_id = n.id) AS reported
      FROM node n WHERE n.study_id = nw.study_id()
  ), t AS (SELECT * FROM n WHERE NOT excluded)
  SELECT jsonb_build_object(
    'screened', (SELECT count(*) FROM subject WHERE study_id = nw.study_id()),
    'screening', (SELECT count(*) FROM subject WHERE study_id = nw.study_id() AND status = 'screening'),
    'screenFailures', (SELECT count(*) FROM subject WHERE study_id = nw.study_id() AND status = 'screen_failure'),
    'eligible', (SELECT count(*) FROM subject WHERE study_id = nw.study_id() AND status = 'eligible'),
    'enrolled', (SELECT count(*) FROM subject WHERE study_id = nw.study_id() AND status = 'enrolled'),
    'enrolledWithoutNode', (SELECT count(*) FROM subject s WHERE study_id = nw.study_id() AND status = 'enrolled' AND NOT EXISTS (SELECT FROM node x WHERE x.subject_id = s.id)),
    'nodes', (SELECT count(*) FROM t), 'nodesExcluded', (SELECT count(*) FROM n WHERE excluded),
    'nodesWithoutSize', (SELECT count(*) FROM t WHERE NOT sized), 'nodesLackingCrops', (SELECT count(*) FROM t WHERE cropped < planes),
    'crops', (SELECT count(*) FROM crop c JOIN t ON t.id = c.node_id WHERE c.superseded_at IS NULL),
    'cropsUnscheduled', (SELECT count(*) FROM crop c JOIN t ON t.id = c.node_id WHERE c.superseded_at IS NULL AND NOT EXISTS (SELECT FROM reading_slot s WHERE s.crop_id = c.id)),
    'nodesWithoutPathology', (SELECT count(*) FROM t WHERE NOT reported),
    'readsScheduled', (SELECT count(*) FROM reading_slot WHERE study_id = nw.study_id()),
    'readsSubmitted', (SELECT count(*) FROM reading_progress WHERE study_id = nw.study_id()))
  WHERE nw.claim(1) IN ('coordinator', 'locating_radiologist', 'pathologist', 'data_scientist', 'principal_investigator', 'monitor', 'administrator', 'importer')
$$;
--> statement-breakpoint
-- Runs whose worker has gone silent: another worker takes them up from their last checkpoint.
CREATE FUNCTION nw.stalled_runs(silent_seconds int) RETURNS TABLE (run_id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.id FROM model_run r
   WHERE nw.claim(1) = 'worker' AND r.state = 'running' AND coalesce(r.heartbeat_at, r.started_at) < now() - silent_seconds * interval '1 second'
$$;
--> statement-breakpoint
CREATE FUNCTION nw.person_by_email(email text) RETURNS TABLE (id uuid, name text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id, p.name FROM person p WHERE lower(p.email) = lower($1) AND nw.claim(1) IN ('administrator', 'principal_investigator', 'importer')
$$;
--> statement-breakpoint
-- The command line works in any study of the installation. Whoever has its signed claim has the server's secret already.
CREATE FUNCTION nw.every_study() RETURNS TABLE (id uuid, slug text, name text, state study_state, synthetic boolean, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, s.slug, s.name, s.state, s.synthetic, s.created_at FROM study s WHERE nw.claim(1) = 'importer' ORDER BY s.created_at, s.slug
$$;
--> statement-breakpoint
-- The person that records of the command line name. It has no password, so nobody signs in as it.
CREATE FUNCTION nw.command_line() RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'importer' THEN RETURN NULL; END IF;
  INSERT INTO person (email, name, may_create_studies, program) VALUES ('command-line@nodewise.invalid', 'Command line', true, true) ON CONFLICT DO NOTHING;
  RETURN (SELECT p.id FROM person p WHERE p.email = 'command-line@nodewise.invalid' AND p.program);
END $$;
--> statement-breakpoint
-- Not to readers: what they do is recorded by the functions they work through. A refusal is all that the server notes in a reader's name.
GRANT EXECUTE ON FUNCTION nw.record(text, text, text, text, jsonb) TO
  nw_kernel, nw_sign_in, nw_person, nw_importer, nw_worker, nw_coordinator, nw_locating_radiologist, nw_pathologist, nw_data_scientist,
  nw_principal_investigator, nw_monitor, nw_administrator;
GRANT EXECUTE ON FUNCTION nw.record_refusal(text) TO nw_coordinator, nw_locating_radiologist, nw_reader, nw_pathologist, nw_data_scientist,
  nw_principal_investigator, nw_monitor, nw_administrator;
GRANT EXECUTE ON FUNCTION nw.my_lists(), nw.current_case(), nw.submit_read(uuid, uuid, jsonb, text, call, call, text, int, int) TO nw_reader, nw_kernel;
GRANT EXECUTE ON FUNCTION nw.schedulable_crops() TO nw_principal_investigator, nw_coordinator, nw_importer;
GRANT EXECUTE ON FUNCTION nw.list_length(uuid) TO nw_coordinator, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_administrator, nw_importer;
GRANT EXECUTE ON FUNCTION nw.subject_numbers() TO nw_coordinator;
GRANT EXECUTE ON FUNCTION nw.reported_nodes() TO nw_coordinator, nw_locating_radiologist, nw_principal_investigator, nw_pathologist, nw_monitor, nw_importer;
GRANT EXECUTE ON FUNCTION nw.study_counts(int) TO nw_coordinator, nw_locating_radiologist, nw_pathologist, nw_data_scientist, nw_principal_investigator,
  nw_monitor, nw_administrator, nw_importer;
GRANT EXECUTE ON FUNCTION nw.stalled_runs(int) TO nw_worker;
GRANT EXECUTE ON FUNCTION nw.every_study(), nw.command_line() TO nw_importer;
GRANT EXECUTE ON FUNCTION nw.person_by_email(text) TO nw_administrator, nw_principal_investigator, nw_importer;
--> statement-breakpoint
DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'nw' AND p.prosecdef AND p.proowner <> 'nw_kernel'::regrole LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO nw_kernel', f);
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA nw FROM nw_kernel;
