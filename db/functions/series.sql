-- Images as they come from the scanner.

-- By what a subject's images are de-identified: the key of the study, under which UIDs are hashed, and the days by which the subject's dates are moved. Both are
-- drawn at their first use. Told to those who bring images, who have the original dates in hand anyway, and to nobody else.
CREATE OR REPLACE FUNCTION nw.deidentification(subject uuid) RETURNS TABLE (key text, days int) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF coalesce(nw.claim(1), '') NOT IN ('coordinator', 'importer') THEN
    RAISE EXCEPTION 'this role brings no images' USING ERRCODE = '42501';
  END IF;
  IF NOT EXISTS (SELECT FROM public.subject s WHERE s.id = deidentification.subject AND s.study_id = nw.study_id() AND (s.site_id = nw.site_id() OR nw.of_every_site())) THEN
    RETURN;
  END IF;
  INSERT INTO deidentification_key (study_id, key) VALUES (nw.study_id(), encode(nw_private.gen_random_bytes(32), 'hex')) ON CONFLICT DO NOTHING;
  -- One to 730 days back: no image lies in the future.
  INSERT INTO date_offset (subject_id, study_id, days)
    VALUES (deidentification.subject, nw.study_id(), -1 - (('x' || encode(nw_private.gen_random_bytes(4), 'hex'))::bit(32)::bigint % 730)::int) ON CONFLICT DO NOTHING;
  RETURN QUERY SELECT k.key, o.days FROM deidentification_key k JOIN date_offset o ON o.study_id = k.study_id
    WHERE k.study_id = nw.study_id() AND o.subject_id = deidentification.subject;
END $$;
GRANT EXECUTE ON FUNCTION nw.deidentification(uuid) TO nw_coordinator, nw_importer;

-- A name as a set of its words, whoever wrote it in which order: no case, no accents of full width, no marks between.
CREATE OR REPLACE FUNCTION nw.name_words(name text) RETURNS text[] LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  SELECT array_agg(DISTINCT w ORDER BY w) FROM regexp_split_to_table(lower(normalize($1, NFKC)), '[\s^=,.;/-]+') w WHERE w <> ''
$$;

-- Whether images say that they are of somebody else than the subject: by hospital number, and by name in each of its writings (names); the number of the subject, which
-- stands there when identity was taken away before, is neither's. Nothing given, or nothing known of the subject, says nothing. Answers what differs, and tells neither: asked at
-- will, it would tell names and numbers to who tries them out, so the server vouches for each ask: differs_from_subject|study|subject|number|names, one a line.
CREATE OR REPLACE FUNCTION nw.differs_from_subject(subject uuid, names text[], hospital_number text, voucher text) RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF coalesce(nw.claim(1), '') NOT IN ('coordinator', 'importer')
     OR NOT nw.is_vouched(concat_ws('|', 'differs_from_subject', nw.study_id(), $1, coalesce($3, ''), array_to_string($2, chr(10), '')), $4) THEN
    RAISE EXCEPTION 'whose images are is compared by the server' USING ERRCODE = '42501';
  END IF;
  RETURN (SELECT array_remove(ARRAY[
      CASE WHEN nw.hospital_number_key($3) NOT IN ('', nw.hospital_number_key(s.number), nw.hospital_number_key(i.hospital_number)) THEN 'hospital_number' END,
      CASE WHEN cardinality($2) > 0 AND NOT EXISTS (
             SELECT FROM unnest($2) n WHERE nw.name_words(n) IN (nw.name_words(i.name), nw.name_words(s.number))
                OR array_to_string(nw.name_words(n), '') = array_to_string(nw.name_words(i.name), '')
                OR regexp_replace(lower(n), '[\s^=]', '', 'g') = regexp_replace(lower(i.name), '[\s^=]', '', 'g')) THEN 'name' END], NULL)
    FROM subject_identity i JOIN public.subject s ON s.id = i.subject_id
   WHERE s.id = $1 AND s.study_id = nw.study_id() AND (s.site_id = nw.site_id() OR nw.of_every_site()) AND i.name <> '');
END $$;
GRANT EXECUTE ON FUNCTION nw.differs_from_subject(uuid, text[], text, text) TO nw_coordinator, nw_importer;

-- Whose images these are, by the number that they carry: a subject's hospital number, or the number of the subject in the study. Told to the command line, which has
-- the files in hand, and which nobody asks from a browser; where it takes what one site sends, of the subjects of that site.
CREATE OR REPLACE FUNCTION nw.subjects_of_number(hospital_number text) RETURNS TABLE (number text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.number FROM subject s LEFT JOIN subject_identity i ON i.subject_id = s.id
   WHERE s.study_id = nw.study_id() AND (s.site_id = nw.site_id() OR nw.of_every_site()) AND nw.claim(1) = 'importer' AND nw.hospital_number_key($1) <> ''
     AND nw.hospital_number_key($1) IN (nw.hospital_number_key(s.number), nw.hospital_number_key(i.hospital_number))
   ORDER BY s.number
$$;
GRANT EXECUTE ON FUNCTION nw.subjects_of_number(text) TO nw_importer;

-- Of a subject who withdrew no image is taken in, measured or judged any more (db/functions/enrolment.sql).
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT ON image_upload FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT ON image_series FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT ON image_instance FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT ON measurement FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT ON image_quality FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();

-- An image of an exam is what the server took in for it, and took identity out of: it signs image_instance|study|exam|hash|uid (server/services/series/store-image.ts). Who names another file
-- of the study would see a picture of another site, keep one that is destroyed with its subject, and bring one again that was rejected. (After the row's policy.)
CREATE OR REPLACE FUNCTION nw.refuse_made_up_image() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT nw.is_installation() AND NOT EXISTS (SELECT FROM image_series r JOIN image_upload u ON u.id = new.upload_id AND u.exam_id = r.exam_id
       WHERE r.id = new.series_id AND nw.is_vouched(concat_ws('|', 'image_instance', new.study_id, r.exam_id, new.sha256, new.uid), new.voucher)) THEN
    RAISE EXCEPTION 'An image comes into an exam by its file, which the server takes in. Nothing was saved; upload the file itself.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'image_was_not_taken_in';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_image AFTER INSERT ON image_instance FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_image();

-- A file takes the place of an image's by the server's word that it is the same image but for black boxes, and of the file alone that the image is now: it signs
-- image_black_out|study|image|file before|file after (server/services/series/black-out-image.ts). (After the row's policy. What is written at once for the same file, the unique index refuses.)
CREATE OR REPLACE FUNCTION nw.refuse_made_up_black_out() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT nw.is_installation() AND NOT (
       nw.is_vouched(concat_ws('|', 'image_black_out', new.study_id, new.instance_id, new.from_sha256, new.sha256), new.voucher)
       AND new.from_sha256 IN (SELECT i.sha256 FROM image_instance i WHERE i.id = new.instance_id
                               UNION ALL SELECT b.sha256 FROM image_black_out b WHERE b.instance_id = new.instance_id AND b.id <> new.id)) THEN
    RAISE EXCEPTION 'Letters in an image are made black by the server, out of the file that it has. Nothing was saved; draw the boxes on the page of held images.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'image_was_not_blacked_out';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_black_out AFTER INSERT ON image_black_out FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_black_out();
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT ON image_black_out FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();

-- And who decides that letters are black has them made so in the same transaction: the image is shown from then on.
CREATE OR REPLACE FUNCTION nw.refuse_black_in_word_alone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT nw.is_installation() AND NOT EXISTS (SELECT FROM image_hold h JOIN image_black_out b ON b.instance_id = h.instance_id AND b.study_id = h.study_id
       WHERE h.id = new.hold_id AND b.blacked_out_at = now() AND b.blacked_out_by = nw.person_id()) THEN
    RAISE EXCEPTION 'Letters in an image are made black by the server, out of the file that it has. Nothing was saved; draw the boxes on the page of held images.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'image_was_not_blacked_out';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_black_in_word_alone AFTER INSERT ON hold_decision FOR EACH ROW WHEN (new.decision = 'blacked_out') EXECUTE FUNCTION nw.refuse_black_in_word_alone();

-- A series is of one exam of one subject, and what is cut from or measured in it of the same one: keys alone ask for the study. (By the exam, not by the
-- orientation: two exams of a subject may show one node.)
CREATE OR REPLACE FUNCTION nw.refuse_image_of_another() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  node_of uuid := coalesce((to_jsonb(new) ->> 'node_id')::uuid, (SELECT c.node_id FROM crop c WHERE c.id = (to_jsonb(new) ->> 'crop_id')::uuid));
BEGIN
  IF (SELECT n.subject_id FROM node n WHERE n.id = node_of) IS DISTINCT FROM
     (SELECT e.subject_id FROM image_instance i JOIN image_series r ON r.id = i.series_id JOIN exam e ON e.id = r.exam_id WHERE i.id = new.instance_id) THEN
    RAISE EXCEPTION 'This image is of another subject than the node. Nothing was saved.' USING ERRCODE = 'NW004', CONSTRAINT = 'image_of_another_subject';
  END IF;
  IF EXISTS (SELECT FROM nw.held_image h WHERE h.instance_id = new.instance_id) THEN
    RAISE EXCEPTION 'This image is held: somebody has to look at it first. Nothing was saved.' USING ERRCODE = 'NW004', CONSTRAINT = 'image_is_held';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_image_of_another AFTER INSERT ON measurement FOR EACH ROW EXECUTE FUNCTION nw.refuse_image_of_another();
CREATE TRIGGER refuse_image_of_another AFTER INSERT ON crop_source FOR EACH ROW EXECUTE FUNCTION nw.refuse_image_of_another();

-- The report of an upload is of whoever began it: in another's it would say of a file that never came that it was stored, and that one would not be sent again.
CREATE OR REPLACE FUNCTION nw.refuse_made_up_outcome() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM image_upload u WHERE u.id = new.upload_id AND u.created_by = nw.person_id()) THEN
    RAISE EXCEPTION 'What became of a file is noted for whoever began its upload. Nothing was saved; begin an upload of your own.' USING ERRCODE = 'NW007', CONSTRAINT = 'upload_of_another';
  END IF;
  IF new.ordinal < 1 OR new.bytes < 0 OR jsonb_typeof(new.reason) <> 'object' OR jsonb_typeof(new.reason -> 'key') IS DISTINCT FROM 'string' AND new.reason IS NOT NULL THEN
    RAISE EXCEPTION 'What became of a file has its number, its bytes and a reason in words that are known. Nothing was saved.' USING ERRCODE = 'NW007', CONSTRAINT = 'report_is_none';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_outcome AFTER INSERT ON uploaded_file FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_outcome();

-- Whether these are numbers in one row: no NaN, no infinity, no NULL, which pages and tables of others could not read.
CREATE OR REPLACE FUNCTION nw.are_finite(figures float8[]) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  SELECT array_ndims($1) = 1 AND bool_and(coalesce(f > '-Infinity' AND f < 'Infinity', false)) FROM unnest($1) f
$$;

-- A measurement comes with its size, of the same node, by the same person: under another's it would say that they had measured there.
CREATE OR REPLACE FUNCTION nw.refuse_made_up_measurement() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM node_size s WHERE s.id = new.size_id AND s.node_id = new.node_id AND s.measured_by = new.measured_by AND s.measured_at >= now()) THEN
    RAISE EXCEPTION 'A measurement comes with its size, of the same node and by the same person. Nothing was saved.' USING ERRCODE = 'NW007', CONSTRAINT = 'measurement_of_another_size';
  END IF;
  IF NOT nw.are_finite(new.ends) OR NOT nw.are_finite(ARRAY[new.long_axis_mm, new.row_spacing, new.column_spacing]) OR least(new.row_spacing, new.column_spacing) <= 0
     OR new.spacing_source NOT IN ('patient', 'calibrated', 'corrected') OR new.frame > (SELECT i.frames FROM image_instance i WHERE i.id = new.instance_id) THEN
    RAISE EXCEPTION 'A measurement has its ends in millimetres of the patient, in a frame of its image. Nothing was saved.' USING ERRCODE = 'NW007', CONSTRAINT = 'measurement_is_none';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_measurement AFTER INSERT ON measurement FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_measurement();

CREATE OR REPLACE FUNCTION nw.refuse_made_up_cut() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT nw.are_finite(ARRAY[new.window_low, new.window_high, coalesce(new.row_spacing, 1), coalesce(new.column_spacing, 1)])
     OR NOT EXISTS (SELECT FROM image_instance i WHERE i.id = new.instance_id AND new.frame <= i.frames
                       AND new.box_left + new.box_width <= i.columns AND new.box_top + new.box_height <= i.rows) THEN
    RAISE EXCEPTION 'A crop is cut out of a frame of its image, by a window of two numbers. Nothing was saved.' USING ERRCODE = 'NW007', CONSTRAINT = 'cut_is_none';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_cut AFTER INSERT ON crop_source FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_cut();

CREATE OR REPLACE FUNCTION nw.refuse_made_up_quality() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF coalesce(array_ndims(new.reasons), 1) <> 1 OR EXISTS (SELECT FROM unnest(new.reasons) r WHERE r IS NULL OR r = '' OR length(r) > 60) THEN
    RAISE EXCEPTION 'The reasons of a verdict are keys of the protocol, of 60 characters at most. Nothing was saved.' USING ERRCODE = 'NW007', CONSTRAINT = 'quality_is_none';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_quality AFTER INSERT ON image_quality FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_quality();

-- Adds to the time for which the locating radiologist of the claim worked on an exam, and answers all of it; zero begins. Pages count it, so the clock of the database says what it can
-- be at most: no more than passed since this was called before, so that of an answer that was lost the same seconds do not count twice.
CREATE OR REPLACE FUNCTION nw.add_exam_time(exam uuid, seconds int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  time_of exam_time%ROWTYPE;
  passed int;
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'locating_radiologist' OR NOT EXISTS (
       SELECT FROM public.exam e JOIN subject s ON s.id = e.subject_id
        WHERE e.id = $1 AND e.study_id = nw.study_id() AND (s.site_id = nw.site_id() OR nw.of_every_site())) THEN
    RAISE EXCEPTION 'time is noted by the locating radiologist, of an exam of the site' USING ERRCODE = '42501';
  END IF;
  INSERT INTO exam_time (exam_id, study_id, spent_by) VALUES ($1, nw.study_id(), nw.person_id()) ON CONFLICT DO NOTHING;
  SELECT * INTO time_of FROM exam_time t WHERE t.exam_id = $1 AND t.spent_by = nw.person_id() FOR NO KEY UPDATE;
  passed := floor(extract(epoch FROM clock_timestamp() - time_of.last_at));
  IF $2 IS NULL OR $2 NOT BETWEEN 0 AND passed THEN
    RAISE EXCEPTION 'Since the time of this exam was noted before, % s passed: % s are not added.', passed, $2
      USING ERRCODE = 'NW004', CONSTRAINT = 'exam_time_not_passed', DETAIL = jsonb_build_object('passed', passed, 'seconds', coalesce($2, 0))::text;
  END IF;
  UPDATE exam_time t SET seconds = t.seconds + $2, last_at = clock_timestamp() WHERE t.exam_id = $1 AND t.spent_by = nw.person_id() RETURNING t.seconds INTO time_of.seconds;
  RETURN time_of.seconds;
END $$;
GRANT EXECUTE ON FUNCTION nw.add_exam_time(uuid, int) TO nw_locating_radiologist;
-- (Of a subject who withdrew, as everything else; also what is added to what is there.)
CREATE TRIGGER refuse_after_withdrawal AFTER INSERT OR UPDATE ON exam_time FOR EACH ROW EXECUTE FUNCTION nw.refuse_after_withdrawal();
