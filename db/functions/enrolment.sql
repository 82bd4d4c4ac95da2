-- Who is in the study, and how far. (Each refusal comes after the row's policy: whoever may not write it is told nothing.)

-- A hospital number as two people write the same one: no case, no spaces, no full-width letters.
CREATE OR REPLACE FUNCTION nw.hospital_number_key(hospital_number text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  SELECT regexp_replace(lower(normalize($1, NFKC)), '\s', '', 'g')
$$;

-- A patient is one subject of a site: two would count as two patients, on both sides of a split. Whoever screens one again says why. Other sites' numbers are
-- other patients', and nobody learns of them.
CREATE OR REPLACE FUNCTION nw.refuse_known_patient() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE known text;
BEGIN
  PERFORM nw.take_lock('hospital numbers of a study', new.study_id::text);
  IF new.known_reason IS NOT NULL THEN RETURN NULL; END IF;
  SELECT s.number INTO known FROM subject_identity i JOIN subject s ON s.id = i.subject_id JOIN subject mine ON mine.id = new.subject_id
   WHERE i.study_id = new.study_id AND i.subject_id <> new.subject_id AND s.site_id IS NOT DISTINCT FROM mine.site_id
     AND nw.hospital_number_key(i.hospital_number) = nw.hospital_number_key(new.hospital_number)
   ORDER BY s.number LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'Hospital number % is subject % already. Nothing was saved; to screen this patient once more, give the reason.', new.hospital_number, known
      USING ERRCODE = 'NW004', CONSTRAINT = 'hospital_number_known', DETAIL = jsonb_build_object('hospitalNumber', new.hospital_number, 'subject', known)::text;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_known_patient AFTER INSERT ON subject_identity FOR EACH ROW EXECUTE FUNCTION nw.refuse_known_patient();

-- Who a subject is, is told to those of its site who may know it, and each look is in the trail: it is noted first, and told to a later transaction, within a minute. In
-- the same one all of them could be looked at and the notes rolled back. Answers whether it is known.
CREATE OR REPLACE FUNCTION nw.look_at_identity(subject uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE known text;
BEGIN
  SELECT s.number INTO known FROM subject_identity i JOIN public.subject s ON s.id = i.subject_id
   WHERE s.id = look_at_identity.subject AND s.study_id = nw.study_id() AND (s.site_id = nw.site_id() OR nw.of_every_site()) AND i.name <> ''
     AND nw.claim(1) IN ('coordinator', 'pathologist', 'monitor');
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM nw.note_deed('identity.viewed', 'subject', known, NULL, NULL);
  RETURN true;
END $$;
CREATE OR REPLACE FUNCTION nw.identity_of(subject uuid) RETURNS TABLE (name text, hospital_number text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT i.name, i.hospital_number FROM nw.settled() CROSS JOIN subject_identity i JOIN subject s ON s.id = i.subject_id
   CROSS JOIN LATERAL (
     -- From the newest event on: the look is found at once.
     SELECT e.at FROM audit_event e
      WHERE e.study_id = s.study_id AND e.person_id = nw.person_id() AND e.action = 'identity.viewed' AND e.entity_id = s.number
        AND e.transaction IS DISTINCT FROM txid_current_if_assigned() ORDER BY e.id DESC LIMIT 1) look
   WHERE s.id = identity_of.subject AND s.study_id = nw.study_id() AND (s.site_id = nw.site_id() OR nw.of_every_site())
     AND nw.claim(1) IN ('coordinator', 'pathologist', 'monitor') AND look.at > clock_timestamp() - interval '1 minute'
$$;
GRANT EXECUTE ON FUNCTION nw.look_at_identity(uuid), nw.identity_of(uuid) TO nw_coordinator, nw_pathologist, nw_monitor;

-- What a subject withdrew is never given back by a later, narrower withdrawal; and who is to be forgotten has no name here any more.
CREATE OR REPLACE FUNCTION nw.heed_withdrawal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE before text;
BEGIN
  PERFORM nw.take_lock('withdrawals of a subject', new.subject_id::text);
  -- What is being recorded of the subject comes before it, or is refused.
  PERFORM FROM subject WHERE id = new.subject_id FOR NO KEY UPDATE;
  SELECT w.scope INTO before FROM consent_withdrawal w
   WHERE w.subject_id = new.subject_id AND w.id <> new.id AND array_position(ARRAY['keep', 'no_further_use', 'destroy'], w.scope)
                                        >= array_position(ARRAY['keep', 'no_further_use', 'destroy'], new.scope) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'This subject withdrew at least as much before. Nothing was saved.' USING ERRCODE = 'NW004', CONSTRAINT = 'withdrawn_before';
  END IF;
  IF new.scope = 'destroy' THEN
    UPDATE subject_identity SET name = '', hospital_number = '' WHERE subject_id = new.subject_id;
    DELETE FROM date_offset WHERE subject_id = new.subject_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER heed_withdrawal AFTER INSERT ON consent_withdrawal FOR EACH ROW EXECUTE FUNCTION nw.heed_withdrawal();

-- Of a subject who withdrew, whatever the scope, nothing more is recorded.
CREATE OR REPLACE FUNCTION nw.refuse_after_withdrawal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  whose uuid := coalesce((to_jsonb(new) ->> 'subject_id')::uuid, (SELECT n.subject_id FROM node n WHERE n.id = (to_jsonb(new) ->> 'node_id')::uuid),
    (SELECT e.subject_id FROM exam e WHERE e.id = (to_jsonb(new) ->> 'exam_id')::uuid),
    (SELECT e.subject_id FROM image_series r JOIN exam e ON e.id = r.exam_id WHERE r.id = (to_jsonb(new) ->> 'series_id')::uuid),
    (SELECT e.subject_id FROM image_instance i JOIN image_series r ON r.id = i.series_id JOIN exam e ON e.id = r.exam_id WHERE i.id = (to_jsonb(new) ->> 'instance_id')::uuid));
  withdrawn text;
BEGIN
  -- A withdrawal that is being written is waited for: the look comes after the lock.
  PERFORM FROM subject s WHERE s.id = whose FOR SHARE;
  SELECT s.number INTO withdrawn FROM subject s
   WHERE s.id = whose
     AND EXISTS (SELECT FROM consent_withdrawal w WHERE w.subject_id = s.id AND w.study_id = s.study_id);
  IF FOUND THEN
    RAISE EXCEPTION 'Subject % withdrew the consent: nothing more is recorded. Nothing was saved.', withdrawn
      USING ERRCODE = 'NW004', CONSTRAINT = 'consent_withdrawn', DETAIL = jsonb_build_object('subject', withdrawn)::text;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT ON eligibility_assessment FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT ON consent FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT ON baseline_value FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT ON exam FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT ON node FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT ON node_size FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT ON crop FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT ON specimen FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT ON pathology_report FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();

-- Whether a row says that a file of the store is to stay, of whatever study: those of subjects who are forgotten say it of none, nor does an image of a file whose letters were made black. (A file of a study that no row
-- of it names yet is one that somebody just stored.) Nobody may call it.
CREATE OR REPLACE FUNCTION nw.is_file_named(sha256 text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH forgotten AS (SELECT w.subject_id FROM consent_withdrawal w WHERE w.scope = 'destroy')
  SELECT EXISTS (SELECT FROM crop c JOIN node n ON n.id = c.node_id
                  WHERE $1 IN (c.sha256, c.original_sha256) AND n.subject_id NOT IN (SELECT subject_id FROM forgotten))
      OR EXISTS (SELECT FROM crop_canvas w JOIN crop c ON c.id = w.crop_id JOIN node n ON n.id = c.node_id
                  WHERE w.sha256 = $1 AND n.subject_id NOT IN (SELECT subject_id FROM forgotten))
      OR EXISTS (SELECT FROM image_instance i JOIN image_series r ON r.id = i.series_id JOIN exam e ON e.id = r.exam_id
                  WHERE i.sha256 = $1 AND e.subject_id NOT IN (SELECT subject_id FROM forgotten)
                    AND NOT EXISTS (SELECT FROM image_black_out b WHERE b.instance_id = i.id AND b.from_sha256 = $1))
      OR EXISTS (SELECT FROM image_black_out b JOIN image_instance i ON i.id = b.instance_id JOIN image_series r ON r.id = i.series_id JOIN exam e ON e.id = r.exam_id
                  WHERE b.sha256 = $1 AND e.subject_id NOT IN (SELECT subject_id FROM forgotten)
                    AND NOT EXISTS (SELECT FROM image_black_out l WHERE l.instance_id = b.instance_id AND l.from_sha256 = $1))
      OR EXISTS (SELECT FROM run_task k LEFT JOIN crop c ON c.id = k.crop_id LEFT JOIN node n ON n.id = c.node_id
                  WHERE k.result_sha256 = $1 AND (n.subject_id IN (SELECT subject_id FROM forgotten)) IS NOT TRUE)
      OR EXISTS (SELECT FROM inbox_image i JOIN inbox_identity w ON w.inbox_id = i.inbox_id WHERE i.sha256 = $1)
      OR EXISTS (SELECT FROM run_fold f WHERE f.model_sha256 = $1)
      OR EXISTS (SELECT FROM checkpoint p WHERE p.sha256 = $1)
      OR EXISTS (SELECT FROM stored_object f WHERE f.sha256 = $1
                    AND NOT EXISTS (SELECT FROM crop c WHERE c.study_id = f.study_id AND f.sha256 IN (c.sha256, c.original_sha256))
                    AND NOT EXISTS (SELECT FROM crop_canvas w WHERE w.study_id = f.study_id AND w.sha256 = f.sha256)
                    AND NOT EXISTS (SELECT FROM image_instance i WHERE i.study_id = f.study_id AND i.sha256 = f.sha256)
                    AND NOT EXISTS (SELECT FROM image_black_out b WHERE b.study_id = f.study_id AND b.sha256 = f.sha256)
                    AND NOT EXISTS (SELECT FROM inbox_image i WHERE i.study_id = f.study_id AND i.sha256 = f.sha256)
                    AND NOT EXISTS (SELECT FROM run_task k WHERE k.study_id = f.study_id AND k.result_sha256 = f.sha256))
$$;

-- The stored images of a subject who is to be forgotten, and what was made of each: those that nothing else names.
CREATE OR REPLACE FUNCTION nw.images_to_delete(subject uuid) RETURNS TABLE (sha256 text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH forgotten AS (SELECT w.subject_id FROM consent_withdrawal w WHERE w.scope = 'destroy'),
  theirs AS (
    SELECT c.id, c.sha256, c.original_sha256 FROM crop c JOIN node n ON n.id = c.node_id JOIN subject s ON s.id = n.subject_id
     WHERE s.id = images_to_delete.subject AND s.study_id = nw.study_id() AND (s.site_id = nw.site_id() OR nw.of_every_site())
       AND s.id IN (SELECT subject_id FROM forgotten) AND nw.claim(1) = 'coordinator'
  ), stored AS (
    SELECT t.sha256 FROM theirs t UNION SELECT t.original_sha256 FROM theirs t UNION SELECT k.result_sha256 FROM run_task k JOIN theirs t ON t.id = k.crop_id
    UNION SELECT w.sha256 FROM crop_canvas w JOIN theirs t ON t.id = w.crop_id
    UNION SELECT i.sha256 FROM nw.current_image i JOIN image_series r ON r.id = i.series_id JOIN exam e ON e.id = r.exam_id JOIN subject s ON s.id = e.subject_id
     WHERE s.id = images_to_delete.subject AND s.study_id = nw.study_id() AND (s.site_id = nw.site_id() OR nw.of_every_site())
       AND s.id IN (SELECT subject_id FROM forgotten) AND nw.claim(1) = 'coordinator'
  )
  SELECT o.sha256 FROM stored o WHERE o.sha256 IS NOT NULL AND NOT nw.is_file_named(o.sha256)
$$;
GRANT EXECUTE ON FUNCTION nw.images_to_delete(uuid) TO nw_coordinator;

-- What the record answered is written with the assessment that it decided, and with nobody else's.
CREATE OR REPLACE FUNCTION nw.refuse_without_assessment() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.is_installation() OR nw.claim(1) = 'importer' THEN RETURN NULL; END IF;
  IF EXISTS (SELECT FROM added d WHERE NOT EXISTS (
               SELECT FROM eligibility_assessment a WHERE a.id = d.assessment_id AND a.assessed_by = nw.person_id() AND a.assessed_at >= now())) THEN
    RAISE EXCEPTION 'What the record answers to a criterion is written with its assessment. Nothing was saved; assess the subject again.'
      USING ERRCODE = 'NW004', CONSTRAINT = 'evaluation_comes_with_assessment';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_without_assessment AFTER INSERT ON criterion_evaluation REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_without_assessment();
