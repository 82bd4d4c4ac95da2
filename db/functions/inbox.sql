-- Images that wait for the subject or exam that they are of.

-- The key of the study, drawn at its first use, for what is taken in before it is known whose it is: told to the command line alone.
CREATE OR REPLACE FUNCTION nw.deidentification_key() RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'importer' THEN
    RAISE EXCEPTION 'this role takes in nothing that belongs to nobody' USING ERRCODE = '42501';
  END IF;
  INSERT INTO deidentification_key (study_id, key) VALUES (nw.study_id(), encode(nw_private.gen_random_bytes(32), 'hex')) ON CONFLICT DO NOTHING;
  RETURN (SELECT k.key FROM deidentification_key k WHERE k.study_id = nw.study_id());
END $$;
GRANT EXECUTE ON FUNCTION nw.deidentification_key() TO nw_importer;

-- Where images of a study and patient wait at the site of the claim, made where they are the first; and the days by which their dates are moved.
CREATE OR REPLACE FUNCTION nw.wait_in_inbox(uid text, patient_digest text, name text, hospital_number text, birth_date text, study_date text)
RETURNS TABLE (inbox_id uuid, days int) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE waiting uuid;
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'importer' OR nw.site_id() IS NULL THEN
    RAISE EXCEPTION 'images wait at a site, where its network brings them' USING ERRCODE = '42501';
  END IF;
  PERFORM nw.take_lock('images that wait', jsonb_build_array(nw.site_id(), wait_in_inbox.uid, wait_in_inbox.patient_digest)::text);
  SELECT s.id INTO waiting FROM inbox_study s JOIN inbox_identity i ON i.inbox_id = s.id
   WHERE s.study_id = nw.study_id() AND s.site_id = nw.site_id() AND s.uid = wait_in_inbox.uid AND s.patient_digest = wait_in_inbox.patient_digest;
  IF NOT FOUND THEN
    INSERT INTO inbox_study (study_id, site_id, uid, patient_digest) VALUES (nw.study_id(), nw.site_id(), wait_in_inbox.uid, wait_in_inbox.patient_digest)
      RETURNING id INTO waiting;
    INSERT INTO inbox_identity (inbox_id, study_id, name, hospital_number, birth_date, study_date, days)
      VALUES (waiting, nw.study_id(), wait_in_inbox.name, wait_in_inbox.hospital_number, wait_in_inbox.birth_date, wait_in_inbox.study_date,
        -1 - (('x' || encode(nw_private.gen_random_bytes(4), 'hex'))::bit(32)::bigint % 730)::int);
  END IF;
  RETURN QUERY SELECT i.inbox_id, i.days FROM inbox_identity i WHERE i.inbox_id = waiting;
END $$;
GRANT EXECUTE ON FUNCTION nw.wait_in_inbox(text, text, text, text, text, text) TO nw_importer;

-- Of whom waiting images say they are, where the claim's person works: first it is noted that somebody looks, then a later transaction is told, for a minute (as
-- nw.identity_of). The command line, which had the images in hand and tries the rule again, is told at once.
CREATE OR REPLACE FUNCTION nw.look_at_inbox() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'coordinator' OR NOT EXISTS (
       SELECT FROM inbox_identity i JOIN inbox_study s ON s.id = i.inbox_id
        WHERE s.study_id = nw.study_id() AND (s.site_id = nw.site_id() OR nw.of_every_site())) THEN RETURN false; END IF;
  -- At each site apart: whoever works for another one is not told that images wait here.
  PERFORM nw.note_deed('inbox.viewed', 'site', w.name, NULL, NULL)
     FROM (SELECT t.name FROM site t WHERE t.study_id = nw.study_id() AND (t.id = nw.site_id() OR nw.of_every_site())
              AND EXISTS (SELECT FROM inbox_study s JOIN inbox_identity i ON i.inbox_id = s.id WHERE s.site_id = t.id) ORDER BY t.name) w;
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION nw.look_at_inbox() TO nw_coordinator;

CREATE OR REPLACE FUNCTION nw.inbox() RETURNS TABLE (inbox_id uuid, name text, hospital_number text, birth_date text, study_date text, days int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT i.inbox_id, i.name, i.hospital_number, i.birth_date, i.study_date, i.days
    FROM nw.settled() CROSS JOIN inbox_identity i JOIN inbox_study s ON s.id = i.inbox_id
   WHERE s.study_id = nw.study_id() AND (s.site_id = nw.site_id() OR nw.of_every_site())
     AND (nw.claim(1) = 'importer' OR nw.claim(1) = 'coordinator' AND (
       SELECT e.at FROM audit_event e
        WHERE e.study_id = nw.study_id() AND e.person_id = nw.person_id() AND e.action = 'inbox.viewed' AND e.transaction IS DISTINCT FROM txid_current_if_assigned()
        ORDER BY e.id DESC LIMIT 1) > clock_timestamp() - interval '1 minute')
$$;
GRANT EXECUTE ON FUNCTION nw.inbox() TO nw_coordinator, nw_importer;

-- Nothing comes to what is decided: whoever sends it again has it wait anew. (Whoever decides waits for this row, and this for whoever decides.)
CREATE OR REPLACE FUNCTION nw.refuse_decided_inbox() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM nw.take_lock('what waits', new.inbox_id::text);
  IF EXISTS (SELECT FROM inbox_outcome o WHERE o.inbox_id = new.inbox_id) THEN
    RAISE EXCEPTION 'What waited was decided meanwhile. Nothing was saved; send it again.' USING ERRCODE = 'NW002', CONSTRAINT = 'inbox_is_decided';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_decided_inbox AFTER INSERT ON inbox_image FOR EACH ROW EXECUTE FUNCTION nw.refuse_decided_inbox();

-- What waits goes into one exam at a time: begun, it goes into no other and is not turned away until whoever began is done, of several the last. What broke off goes on into the same
-- one; an hour later it is nobody's.
CREATE OR REPLACE FUNCTION nw.begin_match(inbox uuid, exam uuid, attempt uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF coalesce(nw.claim(1), '') NOT IN ('coordinator', 'importer') OR NOT EXISTS (
       SELECT FROM inbox_study s WHERE s.id = inbox AND s.study_id = nw.study_id() AND (s.site_id = nw.site_id() OR nw.of_every_site())) THEN
    RAISE EXCEPTION 'what waits is put into exams where it waits' USING ERRCODE = '42501';
  END IF;
  PERFORM nw.take_lock('what waits', inbox::text);
  IF EXISTS (SELECT FROM inbox_outcome o WHERE o.inbox_id = inbox) THEN
    RAISE EXCEPTION 'What waited was decided meanwhile. Nothing was saved; send it again.' USING ERRCODE = 'NW002', CONSTRAINT = 'inbox_is_decided';
  END IF;
  PERFORM nw.refuse_other_match(inbox, begin_match.exam);
  -- Again while it goes on: the hour begins anew.
  INSERT INTO inbox_match (inbox_id, attempt, study_id, exam_id, begun_by) VALUES (inbox, begin_match.attempt, nw.study_id(), begin_match.exam, nw.person_id())
  ON CONFLICT ON CONSTRAINT inbox_match_inbox_id_attempt_pk DO UPDATE SET begun_at = now() WHERE inbox_match.begun_by = nw.person_id();
END $$;
CREATE OR REPLACE FUNCTION nw.end_match(inbox uuid, attempt uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM inbox_match m WHERE m.inbox_id = inbox AND m.attempt = end_match.attempt AND m.study_id = nw.study_id() AND m.begun_by = nw.person_id()
     AND nw.claim(1) IN ('coordinator', 'importer');
END $$;
GRANT EXECUTE ON FUNCTION nw.begin_match(uuid, uuid, uuid), nw.end_match(uuid, uuid) TO nw_coordinator, nw_importer;
-- Nobody may call it.
CREATE OR REPLACE FUNCTION nw.refuse_other_match(inbox uuid, exam uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM inbox_match m WHERE m.inbox_id = inbox AND m.exam_id IS DISTINCT FROM refuse_other_match.exam AND m.begun_at > clock_timestamp() - interval '1 hour') THEN
    RAISE EXCEPTION 'These images are being put into an exam, or were when that broke off. Nothing was saved; wait until it ends, or put them into the same exam again.'
      USING ERRCODE = 'NW004', CONSTRAINT = 'inbox_goes_elsewhere';
  END IF;
END $$;

-- Who it was is forgotten with the decision, and the files that waited go with the next look of the worker: those in the exam are others, with the dates of their subject.
CREATE OR REPLACE FUNCTION nw.forget_inbox() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM nw.take_lock('what waits', new.inbox_id::text);
  PERFORM nw.refuse_other_match(new.inbox_id, new.exam_id);
  IF new.exam_id IS NOT NULL AND NOT EXISTS (
       SELECT FROM exam e JOIN subject s ON s.id = e.subject_id JOIN inbox_study w ON w.site_id = coalesce(s.site_id, w.site_id) WHERE e.id = new.exam_id AND w.id = new.inbox_id) THEN
    RAISE EXCEPTION 'This exam is of another site than the images that wait. Nothing was saved.' USING ERRCODE = 'NW004', CONSTRAINT = 'inbox_of_another_site';
  END IF;
  -- One upload of the exam says of as many files what became of them as waited: else whatever waited would be gone, and the trail say that it is there.
  IF new.exam_id IS NOT NULL AND NOT nw.is_installation() AND NOT EXISTS (
       SELECT FROM image_upload u JOIN uploaded_file f ON f.upload_id = u.id AND f.outcome <> 'refused' WHERE u.exam_id = new.exam_id AND u.study_id = new.study_id AND u.source = 'network'
        GROUP BY u.id HAVING count(*) >= (SELECT count(*) FROM inbox_image i WHERE i.inbox_id = new.inbox_id)) THEN
    RAISE EXCEPTION 'Of these images some are not in the exam. Nothing was saved; put them into it.' USING ERRCODE = 'NW004', CONSTRAINT = 'inbox_not_in_exam';
  END IF;
  DELETE FROM inbox_identity i WHERE i.inbox_id = new.inbox_id;
  DELETE FROM inbox_match m WHERE m.inbox_id = new.inbox_id;
  INSERT INTO file_being_stored (attempt, study_id, sha256, expires_at)
    SELECT new.inbox_id, new.study_id, i.sha256, now() FROM inbox_image i WHERE i.inbox_id = new.inbox_id GROUP BY i.sha256;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_inbox AFTER INSERT ON inbox_outcome FOR EACH ROW EXECUTE FUNCTION nw.forget_inbox();
