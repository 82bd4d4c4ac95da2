-- Letters in the pixels of images: which files the worker looks at, in which order, and what comes of it.

-- Whether the protocol in force has letters looked for.
CREATE OR REPLACE FUNCTION nw.looks_for_letters(study uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT coalesce((v.document #>> '{imaging,deidentification,cleanPixelData}')::boolean, false)
    FROM study s JOIN protocol_version v ON v.id = s.protocol_version_id AND v.study_id = s.id WHERE s.id = $1
$$;

-- An image is looked at before anybody but its coordinators is shown it, where the protocol says so as it comes in: whoever brings it neither asks nor passes by. A file that a person
-- blacked out is looked at as well, behind those that wait: that person has seen the whole picture.
CREATE OR REPLACE FUNCTION nw.ask_for_look() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT coalesce(nw.looks_for_letters(new.study_id), false) THEN RETURN NULL; END IF;
  INSERT INTO image_look (instance_id, study_id, sha256, waits)
    VALUES (coalesce((to_jsonb(new) ->> 'instance_id')::uuid, new.id), new.study_id, new.sha256, tg_table_name = 'image_instance') ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER ask_for_look AFTER INSERT ON image_instance FOR EACH ROW EXECUTE FUNCTION nw.ask_for_look();
CREATE TRIGGER ask_for_look AFTER INSERT ON image_black_out FOR EACH ROW EXECUTE FUNCTION nw.ask_for_look();

-- Images that were there before letters were looked for, here or in their study: they stay in use meanwhile. How many more there are to look at.
CREATE OR REPLACE FUNCTION nw.ask_for_older_looks() RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE asked int;
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'worker' THEN
    RAISE EXCEPTION 'letters are looked for by the worker' USING ERRCODE = '42501';
  END IF;
  INSERT INTO image_look (instance_id, study_id, sha256, waits)
    SELECT i.id, i.study_id, i.sha256, false FROM study s JOIN nw.current_image i ON i.study_id = s.id
     WHERE s.state <> 'locked' AND nw.looks_for_letters(s.id) AND NOT EXISTS (SELECT FROM image_look l WHERE l.instance_id = i.id AND l.sha256 = i.sha256)
    ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS asked = ROW_COUNT;
  RETURN asked;
END $$;
GRANT EXECUTE ON FUNCTION nw.ask_for_older_looks() TO nw_worker;

-- The next file to look at: of images that wait, first what was asked for half an hour ago, in that order, or many small exams would keep a large one waiting for ever; then of the
-- exam with the fewest, so that it can soon be worked on. Only behind those the others, the oldest. One that somebody is at is left to them, until they have given no sign for so long. (Of a
-- locked study nothing is written any more; of a subject who withdrew the images are used no more, or gone.)
CREATE OR REPLACE FUNCTION nw.image_to_look_at(silent_seconds int) RETURNS TABLE (instance_id uuid, sha256 text) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  silent_since timestamptz := clock_timestamp() - silent_seconds * interval '1 second';
  long_since timestamptz := clock_timestamp() - interval '30 minutes';
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'worker' THEN
    RAISE EXCEPTION 'letters are looked for by the worker' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY SELECT w.instance_id, w.sha256 FROM (
    SELECT u.*, i.number, count(*) OVER (PARTITION BY r.exam_id) AS of_exam
      FROM nw.unlooked_image u JOIN study s ON s.id = u.study_id AND s.state <> 'locked' JOIN image_instance i ON i.id = u.instance_id
      JOIN image_series r ON r.id = i.series_id JOIN exam e ON e.id = r.exam_id
     WHERE u.waits AND NOT EXISTS (SELECT FROM consent_withdrawal c WHERE c.subject_id = e.subject_id AND c.study_id = e.study_id AND c.scope <> 'keep')) w
   WHERE w.taken_at IS NULL OR w.taken_at < silent_since
   ORDER BY w.asked_at >= long_since, CASE WHEN w.asked_at >= long_since THEN w.of_exam END, w.asked_at, w.number, w.instance_id LIMIT 1;
  IF FOUND THEN RETURN; END IF;
  -- (By the index `image_look_to_do`: after an upgrade these are all the images of an installation.)
  RETURN QUERY SELECT u.instance_id, u.sha256
    FROM nw.unlooked_image u JOIN study s ON s.id = u.study_id AND s.state <> 'locked' JOIN image_instance i ON i.id = u.instance_id
    JOIN image_series r ON r.id = i.series_id JOIN exam e ON e.id = r.exam_id
   WHERE NOT u.waits AND (u.taken_at IS NULL OR u.taken_at < silent_since)
     AND NOT EXISTS (SELECT FROM consent_withdrawal c WHERE c.subject_id = e.subject_id AND c.study_id = e.study_id AND c.scope <> 'keep')
   ORDER BY u.asked_at LIMIT 1;
END $$;
GRANT EXECUTE ON FUNCTION nw.image_to_look_at(int) TO nw_worker;

-- The same for the worker that takes it.
CREATE OR REPLACE FUNCTION nw.take_image_to_look_at(silent_seconds int) RETURNS TABLE (study_id uuid, instance_id uuid, sha256 text, attempts int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'worker' THEN
    RAISE EXCEPTION 'letters are looked for by the worker' USING ERRCODE = '42501';
  END IF;
  -- One after the other, or several workers would take the same.
  PERFORM nw.take_lock('images to look at', '');
  RETURN QUERY UPDATE image_look t SET taken_at = clock_timestamp(), attempts = t.attempts + 1 FROM nw.image_to_look_at(silent_seconds) n
   WHERE t.instance_id = n.instance_id AND t.sha256 = n.sha256
   RETURNING t.study_id, t.instance_id, t.sha256, t.attempts;
END $$;
GRANT EXECUTE ON FUNCTION nw.take_image_to_look_at(int) TO nw_worker;

-- Gives a file back that could not be looked at for no fault of its own: the attempt counts for nothing, unless another took the file since.
CREATE OR REPLACE FUNCTION nw.give_look_back(instance uuid, file text, attempt int) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE image_look l SET taken_at = NULL, attempts = l.attempts - 1
   WHERE l.instance_id = $1 AND l.sha256 = $2 AND l.attempts = $3 AND l.attempts > 0 AND l.study_id = nw.study_id() AND l.looked_at IS NULL AND nw.claim(1) = 'worker'
$$;
GRANT EXECUTE ON FUNCTION nw.give_look_back(uuid, text, int) TO nw_worker;

-- A sign of the worker that is at a file.
CREATE OR REPLACE FUNCTION nw.keep_look(instance uuid, file text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE image_look l SET taken_at = clock_timestamp() WHERE l.instance_id = $1 AND l.sha256 = $2 AND l.looked_at IS NULL AND nw.claim(1) = 'worker'
$$;
GRANT EXECUTE ON FUNCTION nw.keep_look(uuid, text) TO nw_worker;

-- How many pixels two boxes have in common.
CREATE OR REPLACE FUNCTION nw.shared_area(a jsonb, b jsonb) RETURNS float8 LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT greatest(0, least((a ->> 0)::float8 + (a ->> 2)::float8, (b ->> 0)::float8 + (b ->> 2)::float8) - greatest((a ->> 0)::float8, (b ->> 0)::float8))
       * greatest(0, least((a ->> 1)::float8 + (a ->> 3)::float8, (b ->> 1)::float8 + (b ->> 3)::float8) - greatest((a ->> 1)::float8, (b ->> 1)::float8))
$$;

-- What was seen in a file: where letters are, each with its frame, box and confidence; no method where it could not be looked at. In the same transaction the image is held, but for letters where a coordinator
-- found before that they name nobody, or looked at this very file meanwhile. Of a subject who withdrew meanwhile nothing is written. `boxes`: the letters of all frames, joined to few. Answers why it is held
-- now, if it is.
CREATE OR REPLACE FUNCTION nw.note_look(instance uuid, file text, method text, letters jsonb, boxes jsonb) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  look image_look%ROWTYPE;
  reason text;
  seen jsonb;
  unknown jsonb;
  held jsonb;
  whose uuid;
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'worker' THEN
    RAISE EXCEPTION 'letters are looked for by the worker' USING ERRCODE = '42501';
  END IF;
  PERFORM nw.take_lock('a held image', instance::text);
  SELECT e.subject_id INTO whose FROM image_instance i JOIN image_series r ON r.id = i.series_id JOIN exam e ON e.id = r.exam_id WHERE i.id = instance AND i.study_id = nw.study_id();
  -- A withdrawal waits for this, or this for it (`nw.heed_withdrawal`).
  PERFORM FROM subject WHERE id = whose FOR SHARE;
  IF EXISTS (SELECT FROM consent_withdrawal w WHERE w.subject_id = whose AND w.scope <> 'keep') THEN RETURN NULL; END IF;
  -- As many as a row holds.
  SELECT jsonb_agg(l.value ORDER BY l.ordinality) INTO seen FROM jsonb_array_elements(note_look.letters) WITH ORDINALITY l WHERE l.ordinality <= 4000;
  UPDATE image_look l SET looked_at = clock_timestamp(), taken_at = clock_timestamp(), method = note_look.method, letters = coalesce(seen, '[]')
   WHERE l.instance_id = instance AND l.sha256 = file AND l.study_id = nw.study_id() AND l.looked_at IS NULL RETURNING l.* INTO look;
  -- Somebody else looked; or a file came in its place, which is looked at itself.
  IF NOT FOUND OR EXISTS (SELECT FROM image_black_out b WHERE b.instance_id = instance AND b.from_sha256 = file)
     OR EXISTS (SELECT FROM image_hold h JOIN hold_decision d ON d.hold_id = h.id
                 WHERE h.instance_id = instance AND h.reason <> 'other_patient' AND d.decision <> 'blacked_out' AND d.decided_at > look.asked_at) THEN RETURN NULL; END IF;
  -- (Half of a box, so that a pixel more or less makes no other one of it. Of letters as they were seen: what is new beside letters that somebody cleared is one box with them.)
  SELECT jsonb_agg(x.box) INTO unknown FROM (SELECT DISTINCT l -> 'box' AS box FROM jsonb_array_elements(note_look.letters) l) x
   WHERE NOT EXISTS (
     SELECT FROM image_hold h JOIN hold_decision d ON d.hold_id = h.id AND d.decision = 'cleared', jsonb_array_elements(h.boxes) c
      WHERE h.instance_id = instance AND h.reason = 'letters_seen' AND nw.shared_area(x.box, c) >= 0.5 * (x.box ->> 2)::float8 * (x.box ->> 3)::float8);
  SELECT jsonb_agg(b) INTO held FROM jsonb_array_elements(note_look.boxes) b
   WHERE EXISTS (SELECT FROM jsonb_array_elements(unknown) u WHERE nw.shared_area(u, b) > 0);
  held := coalesce(held, unknown);
  reason := CASE WHEN look.method IS NULL THEN 'not_looked_at' WHEN held IS NOT NULL THEN 'letters_seen' END;
  IF reason IS NULL THEN RETURN NULL; END IF;
  INSERT INTO image_hold (study_id, instance_id, reason, sha256, boxes) VALUES (look.study_id, instance, reason, file, coalesce(held, '[]'));
  PERFORM nw.note_deed('image.held', 'image', instance::text, NULL, jsonb_build_object('reasons', jsonb_build_array(reason)));
  RETURN reason;
END $$;
GRANT EXECUTE ON FUNCTION nw.note_look(uuid, text, text, jsonb, jsonb) TO nw_worker;

-- Whether a worker has looked at anything within the last minute, in whatever study: images that wait longer wait for a worker.
CREATE OR REPLACE FUNCTION nw.is_looked_for() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(nw.claim(1), '') IN ('coordinator', 'locating_radiologist', 'monitor', 'importer')
     AND coalesce((SELECT max(l.taken_at) > clock_timestamp() - interval '1 minute' FROM image_look l), false)
$$;
GRANT EXECUTE ON FUNCTION nw.is_looked_for() TO nw_coordinator, nw_locating_radiologist, nw_monitor, nw_importer;
