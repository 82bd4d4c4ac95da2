-- The audit trail. Person, role and study come from the claim, never from the caller.

-- Every deed (server/audit.ts says what each is), by whom it is noted, and what must be there for it: rows of audited tables that the transaction wrote ("table operation";
-- any of them). Nobody in `noted_by`: the database notes it where it does it, by a function or a trigger, and nothing else. A `person` notes nothing but the study that
-- it founds. The operator of the server, whose command line brings records from elsewhere, may note any other deed.
CREATE OR REPLACE FUNCTION nw.deeds() RETURNS TABLE (action text, noted_by text[], written text[], after_lock boolean) LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  VALUES
    ('command.run', '{importer}'::text[], NULL::text[], false),
    ('account.created', '{}', NULL, false),
    ('account.closed', '{}', NULL, false),
    ('account.opened', '{}', NULL, false),
    ('password.changed', '{}', NULL, false),
    ('password.link_made', '{}', NULL, false),
    ('password.link_used', '{sign_in}', NULL, false),
    ('session.opened', '{sign_in}', NULL, false),
    ('session.closed', '{}', NULL, false),
    ('session.revoked', '{}', NULL, false),
    ('sign_in.refused', '{sign_in}', NULL, false),
    ('sign_in.paused', '{sign_in}', NULL, false),
    ('study.created', '{person}', NULL, false),
    ('study.protocol_changed', '{}', NULL, false),
    ('study.locked', '{}', NULL, false),
    ('site.time_zone_set', '{administrator,principal_investigator}', '{site update}', false),
    ('member.added', '{}', NULL, false),
    ('member.proposed', '{}', NULL, false),
    ('member.confirmed', '{}', NULL, false),
    ('member.ended', '{}', NULL, false),
    ('subject.screened', '{coordinator}', '{eligibility_assessment insert}', false),
    ('subject.enrolled', '{coordinator}', '{consent insert}', false),
    ('consent.withdrawn', '{coordinator}', '{consent_withdrawal insert}', false),
    ('baseline.recorded', '{coordinator}', '{baseline_value insert}', false),
    ('identity.viewed', '{}', NULL, false),
    ('node.added', '{locating_radiologist}', '{node insert}', false),
    ('node.remeasured', '{locating_radiologist}', '{node_size insert}', false),
    ('node.excluded', '{locating_radiologist}', '{node_exclusion insert}', false),
    ('images.uploaded', '{coordinator}', '{image_upload insert}', false),
    ('images.turned_away', '{importer}', NULL, false),
    ('inbox.viewed', '{}', NULL, false),
    ('inbox.matched', '{coordinator}', '{inbox_outcome insert}', false),
    ('inbox.turned_away', '{coordinator}', '{inbox_outcome insert}', false),
    ('image.held', '{coordinator}', '{image_hold insert}', false),
    ('image.decided', '{coordinator}', '{hold_decision insert}', false),
    ('image_quality.judged', '{locating_radiologist}', '{image_quality insert}', false),
    ('crop.uploaded', '{locating_radiologist}', '{crop insert}', false),
    ('crop.replaced', '{locating_radiologist}', '{crop insert}', false),
    ('schedule.drawn', '{coordinator,principal_investigator}', '{reading_list insert}', false),
    ('reading.closed', '{}', NULL, false),
    ('reader.reminded', '{coordinator,principal_investigator}', '{reading_reminder insert}', false),
    ('case.shown', '{}', NULL, false),
    ('case.shown_again', '{}', NULL, false),
    ('read.submitted', '{}', NULL, false),
    ('read.corrected', '{}', NULL, false),
    ('practice.ended', '{}', NULL, false),
    ('reads.signed', '{}', NULL, false),
    ('reading.wash_out_overridden', '{}', NULL, false),
    ('pathology.reported', '{pathologist}', '{pathology_report insert}', false),
    ('pathology.corrected', '{pathologist}', '{pathology_report insert}', false),
    ('records.imported', '{importer}', NULL, false),
    ('unblinding.recorded', '{principal_investigator}', '{unblinding insert}', false),
    ('analysis.queued', '{data_scientist,principal_investigator}', '{job insert,job update}', false),
    ('analysis.computed', '{worker}', NULL, false),
    ('bundle.queued', '{data_scientist,principal_investigator}', '{job insert,job update}', false),
    ('bundle.taken', '{data_scientist,principal_investigator}', NULL, true),
    ('images.exported', '{importer}', NULL, true),
    ('report.queued', '{data_scientist,principal_investigator}', '{job insert,job update}', true),
    ('report.made', '{worker}', NULL, false),
    ('run.queued', '{}', NULL, false),
    ('run.cancelled', '{data_scientist,principal_investigator}', '{job update}', false),
    ('run.resumed', '{data_scientist,principal_investigator}', '{job update}', false),
    ('run.task_queued', '{data_scientist,principal_investigator}', '{job insert}', false),
    ('run.file_taken', '{data_scientist,principal_investigator}', NULL, true),
    ('scores.imported', '{}', NULL, false),
    ('scores.exported', '{data_scientist,principal_investigator}', NULL, true),
    ('analysis.viewed', '{data_scientist,principal_investigator}', NULL, true),
    ('figures.viewed', '{data_scientist,principal_investigator}', NULL, true),
    ('study.unblinded', '{}', NULL, true),
    ('analysis.exported', '{data_scientist,principal_investigator}', NULL, true),
    ('access.refused', '{}', NULL, false)
$$;

-- Writes who did what, and why. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.note_deed(action text, entity text, entity_id text, reason text, detail jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO audit_event (study_id, person_id, role, action, entity, entity_id, reason, detail)
  VALUES (nw.study_id(), nw.person_id(), nw.role(), $1, $2, $3, $4, $5)
$$;

-- Whose subject a deed is about, or which site, which nobody who notes it says: whoever works for one site sees of the others what is about no subject, and not of the site itself. (A node is found by its whole name: the number of
-- another subject may begin like it.)
CREATE OR REPLACE FUNCTION nw.note_site() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  new.site_id := CASE
    WHEN new.entity = 'subject' THEN (SELECT s.site_id FROM subject s WHERE s.study_id = new.study_id AND s.number = new.entity_id)
    WHEN new.entity = 'node' THEN (
      SELECT s.site_id FROM subject s JOIN node n ON n.subject_id = s.id AND s.number || ' ' || n.label = new.entity_id
       WHERE s.study_id = new.study_id AND starts_with(new.entity_id, s.number || ' ') ORDER BY n.created_at LIMIT 1)
    -- What came to a site and is of nobody yet, and why it was turned away, is that site's.
    WHEN new.entity = 'site' THEN (SELECT t.id FROM site t WHERE t.study_id = new.study_id AND t.name = new.entity_id)
    WHEN new.entity = 'exam' THEN (
      SELECT s.site_id FROM exam e JOIN subject s ON s.id = e.subject_id WHERE e.study_id = new.study_id AND e.id::text = new.entity_id)
    WHEN new.entity = 'image' THEN (
      SELECT s.site_id FROM image_instance i JOIN image_series r ON r.id = i.series_id JOIN exam e ON e.id = r.exam_id JOIN subject s ON s.id = e.subject_id
       WHERE i.study_id = new.study_id AND i.id = CASE WHEN new.entity_id ~ '^[0-9a-f-]{36}$' THEN new.entity_id::uuid END) END;
  RETURN new;
END $$;
CREATE TRIGGER note_site BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION nw.note_site();

-- The same for the services, in the transaction of the deed: of a deed that is this role's to note, and that was done.
CREATE OR REPLACE FUNCTION nw.record(action text, entity text, entity_id text, reason text, detail jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  actor text := nw.claim(1);
  deed record;
  was_done boolean;
BEGIN
  SELECT d.* INTO deed FROM nw.deeds() d WHERE d.action = record.action AND d.noted_by <> '{}'
     AND (actor = ANY (d.noted_by) OR actor = 'importer');
  IF NOT FOUND THEN RAISE EXCEPTION 'this role notes no such deed' USING ERRCODE = '42501'; END IF;
  was_done := CASE
    WHEN deed.after_lock AND NOT nw.locked() THEN false
    WHEN actor IN ('importer', 'sign_in', 'worker') THEN true
    WHEN deed.action = 'study.created' THEN EXISTS (SELECT FROM study s WHERE s.id::text = entity_id AND s.created_at = now() AND s.created_by = nw.person_id())
    -- From the newest row on: what the transaction wrote is found at once.
    WHEN deed.written IS NOT NULL THEN (
      SELECT c.id FROM audit_change c WHERE c.study_id = nw.study_id() AND c.transaction = txid_current() AND c.person_id = nw.person_id()
         AND c.table_name || ' ' || c.operation = ANY (deed.written) ORDER BY c.id DESC LIMIT 1) IS NOT NULL
    ELSE true END;
  IF was_done IS NOT TRUE THEN RAISE EXCEPTION 'a deed is noted in the transaction that does it' USING ERRCODE = '42501'; END IF;
  PERFORM nw.note_deed(action, entity, entity_id, reason, detail);
END $$;
-- Not to readers and monitors: what they do is recorded by the functions they work through.
GRANT EXECUTE ON FUNCTION nw.record(text, text, text, text, jsonb) TO
  nw_sign_in, nw_person, nw_importer, nw_worker, nw_coordinator, nw_locating_radiologist, nw_pathologist, nw_data_scientist,
  nw_principal_investigator, nw_administrator;

-- The first look at readers or network against the truth, on a page, in a file or by the command line, is the moment at which the study is unblinded: a deed of
-- its own, once. (The index keeps two looks at once apart. Where somebody looked before there was this deed, no later look is called the first.)
CREATE OR REPLACE FUNCTION nw.note_unblinding() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT new.action = ANY (tg_argv) OR NOT nw.locked_before(new.study_id) THEN RETURN NULL; END IF;
  IF EXISTS (SELECT FROM audit_event e WHERE e.study_id = new.study_id AND e.action = 'study.unblinded')
     OR EXISTS (SELECT FROM audit_event e WHERE e.study_id = new.study_id AND e.action = ANY (tg_argv) AND e.id < new.id) THEN RETURN NULL; END IF;
  INSERT INTO audit_event (study_id, person_id, role, action, entity, entity_id, detail)
  VALUES (new.study_id, new.person_id, new.role, 'study.unblinded', 'study', new.study_id::text, jsonb_build_object('by', new.action))
  ON CONFLICT (study_id) WHERE action = 'study.unblinded' DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER note_unblinding AFTER INSERT ON audit_event FOR EACH ROW
  EXECUTE FUNCTION nw.note_unblinding('analysis.viewed', 'analysis.exported', 'figures.viewed', 'scores.exported', 'bundle.taken');

-- Whether the claim's person has looked at these very figures within the last quarter of an hour: a page that stays open is one look.
CREATE OR REPLACE FUNCTION nw.looks_still(runs text, input text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT nw.claim(1) IN ('importer', 'data_scientist', 'principal_investigator')
     AND EXISTS (SELECT FROM audit_event e WHERE e.study_id = nw.study_id() AND e.person_id = nw.person_id() AND e.action = 'figures.viewed'
                    AND e.at > now() - interval '15 minutes' AND e.entity_id = $1 AND e.detail ->> 'input' IS NOT DISTINCT FROM $2)
$$;
GRANT EXECUTE ON FUNCTION nw.looks_still(text, text) TO nw_importer, nw_data_scientist, nw_principal_investigator;

-- A refusal is all that the server notes in a reader's name: of an action, no more than its name, and of the same one a quarter of an hour no more than the first,
-- or whoever is refused would fill the trail. (Two at once wait for each other; the second sees what the first noted.)
CREATE OR REPLACE FUNCTION nw.record_refusal(action text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE refused text := left($1, 60);
BEGIN
  IF coalesce(nw.claim(1), '') NOT IN ('coordinator', 'locating_radiologist', 'reader', 'pathologist', 'data_scientist', 'principal_investigator', 'monitor', 'administrator') THEN
    RAISE EXCEPTION 'a refusal is of somebody who has a role in the study' USING ERRCODE = '42501';
  END IF;
  PERFORM nw.take_lock('refusals of a person', jsonb_build_array(nw.person_id(), refused)::text);
  IF NOT EXISTS (SELECT FROM audit_event e WHERE e.study_id = nw.study_id() AND e.person_id = nw.person_id() AND e.action = 'access.refused'
                    AND e.at > now() - interval '15 minutes' AND e.entity_id = refused) THEN
    PERFORM nw.note_deed('access.refused', 'action', refused, NULL, NULL);
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION nw.record_refusal(text) TO nw_coordinator, nw_locating_radiologist, nw_reader, nw_pathologist, nw_data_scientist,
  nw_principal_investigator, nw_monitor, nw_administrator;

-- What a row was and became, in the same transaction: of rows that are added, all of a statement at once.
CREATE OR REPLACE FUNCTION nw.audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  b jsonb := to_jsonb(old);
  a jsonb := CASE WHEN tg_op <> 'DELETE' THEN to_jsonb(new) END;
BEGIN
  INSERT INTO audit_change (study_id, person_id, role, table_name, operation, before, after)
  VALUES (coalesce(a ->> 'study_id', b ->> 'study_id', nw.study_id()::text)::uuid, nw.person_id(), nw.role(), tg_table_name, lower(tg_op), b, a);
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION nw.audit_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  study uuid := nw.study_id();
  person uuid := nw.person_id();
  role text := nw.role();
BEGIN
  INSERT INTO audit_change (study_id, person_id, role, table_name, operation, after)
  SELECT coalesce((a.row ->> 'study_id')::uuid, study), person, role, tg_table_name, 'insert', a.row FROM (SELECT to_jsonb(added) AS row FROM added) a;
  RETURN NULL;
END $$;

-- How far the trail of a study is: what is made of the study says it, so that both can be laid side by side. (The events of the transactions that ended.)
CREATE OR REPLACE FUNCTION nw.trail_head() RETURNS TABLE (event_id bigint, at timestamptz) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.id, e.at FROM audit_event e WHERE e.study_id = nw.study_id() AND nw.claim(1) = 'worker' ORDER BY e.id DESC LIMIT 1
$$;
GRANT EXECUTE ON FUNCTION nw.trail_head() TO nw_worker;
