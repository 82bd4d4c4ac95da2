-- What keeps records as they are, and two writers apart.

-- Advisory locks by purpose (db/locks.ts lists them), held to the end of the transaction: whoever checks and then writes holds one. A role that was taken on
-- without its claim holds none, and a lock is one of the claim's study: nobody keeps the work of another waiting. (What belongs to no study has one for all. As
-- an array, so that no purpose or key reaches into the place of the study, which a person's own claim has not.) Nobody may call it.
CREATE OR REPLACE FUNCTION nw.take_lock(purpose text, key text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF nw.claim(1) IS NULL AND NOT nw.is_installation() THEN
    RAISE EXCEPTION 'a lock is held in the name of somebody' USING ERRCODE = '42501';
  END IF;
  -- Postgres has room for so many locks of all together: one transaction fills it for nobody else. (The operator's imports hold many.)
  IF nw.claim(1) IS DISTINCT FROM 'importer' AND NOT nw.is_installation()
     AND (SELECT count(*) FROM pg_locks l WHERE l.pid = pg_backend_pid() AND l.locktype = 'advisory') > 500 THEN
    RAISE EXCEPTION 'a transaction holds 500 locks at most' USING ERRCODE = '53200';
  END IF;
  -- Of a hash of which nobody finds another text.
  PERFORM pg_advisory_xact_lock(('x' || left(encode(sha256(convert_to(
    jsonb_build_array(purpose, CASE WHEN purpose NOT IN ('account of an address', 'study of a slug') THEN nw.study_id() END, key)::text, 'UTF8')), 'hex'), 16))::bit(64)::bigint);
END $$;
-- The same for the services.
CREATE OR REPLACE FUNCTION nw.hold(purpose text, key text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IN ('importer', 'worker', 'person', 'coordinator', 'locating_radiologist', 'pathologist', 'data_scientist', 'principal_investigator', 'administrator') IS NOT TRUE THEN
    RAISE EXCEPTION 'a lock is held in the name of somebody who writes' USING ERRCODE = '42501';
  END IF;
  PERFORM nw.take_lock(purpose, key);
END $$;
GRANT EXECUTE ON FUNCTION nw.hold(text, text) TO nw_importer, nw_worker, nw_person, nw_coordinator, nw_locating_radiologist, nw_pathologist, nw_data_scientist,
  nw_principal_investigator, nw_administrator;

-- After the lock nothing above the model changes. FOR SHARE makes a write and the lock wait for each other. (Who somebody was is deleted after it, too:
-- `nw.heed_withdrawal` alone may. After the row's policy: before it, the refusal would tell anybody which studies are locked.)
CREATE OR REPLACE FUNCTION nw.refuse_when_locked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE now_state study_state;
BEGIN
  SELECT state INTO now_state FROM study WHERE id = new.study_id FOR SHARE;
  IF now_state = 'locked' AND NOT (tg_table_name = 'subject_identity' AND tg_op = 'UPDATE') THEN
    RAISE EXCEPTION 'The database of this study is locked: nothing above the model can change.' USING ERRCODE = 'NW001', CONSTRAINT = 'study_is_locked';
  END IF;
  RETURN NULL;
END $$;

-- The same of all rows that a statement adds.
CREATE OR REPLACE FUNCTION nw.refuse_added_when_locked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF (SELECT bool_or(s.state = 'locked') FROM (SELECT state FROM study WHERE id IN (SELECT study_id FROM added) ORDER BY id FOR SHARE) s) THEN
    RAISE EXCEPTION 'The database of this study is locked: nothing above the model can change.' USING ERRCODE = 'NW001', CONSTRAINT = 'study_is_locked';
  END IF;
  RETURN NULL;
END $$;

-- A statement that runs for long has the policies of its beginning: a role that ended since writes nothing any more. (After the policies, and asked anew.)
CREATE OR REPLACE FUNCTION nw.refuse_ended() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IS NULL AND NOT nw.is_installation() THEN
    RAISE EXCEPTION 'this role ended meanwhile' USING ERRCODE = '42501';
  END IF;
  RETURN NULL;
END $$;

-- Append-only tables: a correction is a new row.
CREATE OR REPLACE FUNCTION nw.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'Rows of % are never changed or removed: a correction is a new row.', tg_table_name
    USING ERRCODE = 'NW002', CONSTRAINT = 'rows_are_kept', DETAIL = jsonb_build_object('table', tg_table_name)::text;
END $$;

-- Locks the database of the claim's study, for good: the only way in which its state changes, with what is counted at that moment and a note in the trail, which names the
-- protocol whose plan is signed. Answers whether it was open. (The row lock comes before the count: a write under way ends before and is counted, a later one is refused.)
CREATE OR REPLACE FUNCTION nw.lock_study(reason text DEFAULT NULL) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE counts jsonb;
BEGIN
  UPDATE study SET state = 'locked', lock_transaction = txid_current()
   WHERE id = nw.study_id() AND state <> 'locked' AND nw.claim(1) IN ('principal_investigator', 'importer');
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM nw.refuse_closed_meanwhile(nw.study_id(), NULL);
  -- What the plan asks of the reads is there: after the lock neither they nor the plan can change.
  IF EXISTS (SELECT FROM study s JOIN protocol_version v ON v.id = s.protocol_version_id
               JOIN nw.current_read r ON r.study_id = s.id AND r.call IS NOT NULL JOIN reading_case k ON k.id = r.case_id JOIN nw.studied_node n ON n.id = k.node_id
              WHERE s.id = nw.study_id() AND v.document #> '{analysis,ruleSet}' IS NOT NULL
                AND (v.document #> '{form,criteria}' = '[]'
                     OR NOT r.criteria ?& ARRAY(SELECT c ->> 'key' FROM jsonb_array_elements(v.document #> '{form,criteria}') c))) THEN
    RAISE EXCEPTION 'The plan judges every call by a rule set, and some reads have not all criteria that it needs. Import the criteria of each read, or plan the calls as given.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'reads_without_criteria';
  END IF;
  counts := nw.study_counts((SELECT jsonb_array_length(v.document -> 'planes') FROM study s JOIN protocol_version v ON v.id = s.protocol_version_id WHERE s.id = nw.study_id()));
  INSERT INTO study_lock (study_id, reason, counts) VALUES (nw.study_id(), lock_study.reason, counts);
  PERFORM nw.note_deed('study.locked', 'study', nw.study_id()::text, lock_study.reason, counts
    || (SELECT jsonb_build_object('protocolVersion', v.version, 'protocolSha256', v.sha256) FROM study s JOIN protocol_version v ON v.id = s.protocol_version_id WHERE s.id = nw.study_id()));
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION nw.lock_study(text) TO nw_principal_investigator, nw_importer;

-- A date of record is the moment at which it is set, once; whoever brings records that were made elsewhere says when.
CREATE OR REPLACE FUNCTION nw.date_record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  before text := CASE WHEN tg_op = 'UPDATE' THEN to_jsonb(old) ->> tg_argv[0] END;
  after text := to_jsonb(new) ->> tg_argv[0];
BEGIN
  IF nw.is_installation() OR nw.claim(1) = 'importer' THEN RETURN new; END IF;
  RETURN jsonb_populate_record(new, jsonb_build_object(tg_argv[0], coalesce(before, CASE WHEN after IS NOT NULL THEN now()::text END)));
END $$;
CREATE TRIGGER date_record BEFORE INSERT OR UPDATE OF ended_at ON membership FOR EACH ROW EXECUTE FUNCTION nw.date_record('ended_at');
CREATE TRIGGER date_record BEFORE INSERT OR UPDATE OF superseded_at ON crop FOR EACH ROW EXECUTE FUNCTION nw.date_record('superseded_at');
CREATE TRIGGER date_record BEFORE INSERT OR UPDATE OF enrolled_at ON subject FOR EACH ROW EXECUTE FUNCTION nw.date_record('enrolled_at');
