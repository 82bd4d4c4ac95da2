-- The only ways in which a reader works: readers have no grant on any table of images, sizes, reads, truth or scores.

CREATE TYPE nw.reading_case AS (slot_id uuid, list_id uuid, "position" int, total int, condition_key text, shows_size boolean, plane text, sha256 text,
  width int, height int, short_axis_mm numeric, protocol_version_id uuid, shown_sha256 text);

-- What a reader knows of the own schedule: how far each list is and when it opens. A day of the wash-out has 24 hours, also where clocks change.
CREATE OR REPLACE FUNCTION nw.my_lists() RETURNS TABLE (list_id uuid, condition_key text, condition_ordinal int, batch int, shows_size boolean,
  wash_out_days numeric, total int, done int, opens_at timestamptz, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
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
GRANT EXECUTE ON FUNCTION nw.my_lists() TO nw_reader;

-- The case whose turn it is: the first unread one of the first open list. The size is there only in a condition that shows it. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.next_case() RETURNS SETOF nw.reading_case LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH list AS (SELECT * FROM nw.my_lists() l WHERE l.state = 'open' ORDER BY l.condition_ordinal, l.batch LIMIT 1),
  slot AS (
    SELECT s.* FROM reading_slot s JOIN list l ON s.list_id = l.list_id
     WHERE NOT EXISTS (SELECT FROM reading_progress p WHERE p.slot_id = s.id) ORDER BY s.position LIMIT 1
  ), shown AS (
    SELECT s.id, l.list_id, s.position, l.total, l.condition_key, l.shows_size, c.plane, c.sha256, c.width, c.height,
           CASE WHEN l.shows_size THEN (SELECT z.short_axis_mm FROM nw.current_size z WHERE z.node_id = c.node_id) END AS mm,
           r.protocol_version_id
      FROM slot s JOIN list l ON l.list_id = s.list_id JOIN crop c ON c.id = s.crop_id JOIN reading_list r ON r.id = l.list_id
  )
  SELECT id, list_id, position, total, condition_key, shows_size, plane, sha256, width, height, mm, protocol_version_id,
         encode(sha256(convert_to(concat_ws('|', id, sha256, plane, condition_key, coalesce(mm::text, 'hidden'), protocol_version_id), 'UTF8')), 'hex')
    FROM shown
$$;

-- The only way in which a reader gets at the current case: it is noted as shown, with the hash of what was shown, before it is handed out.
CREATE OR REPLACE FUNCTION nw.current_case() RETURNS SETOF nw.reading_case LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
GRANT EXECUTE ON FUNCTION nw.current_case() TO nw_reader;

-- Submits the read of the current case, once: the same idempotency key again answers 'already', a slot that is not the current one is refused.
CREATE OR REPLACE FUNCTION nw.submit_read(slot uuid, key uuid, criteria jsonb, rule_set text, proposed call, decided call, override_reason text,
  confidence int, active_ms int)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  c record;
  code text;
BEGIN
  SELECT reader_code INTO code FROM membership
   WHERE id = nw.membership_id() AND study_id = nw.study_id() AND person_id = nw.person_id() AND role = 'reader' AND ended_at IS NULL AND nw.claim(1) = 'reader'
     FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Only a reader of this study submits reads.' USING ERRCODE = 'NW005', CONSTRAINT = 'not_a_reader';
  END IF;
  IF EXISTS (SELECT FROM read r JOIN reading_slot s ON s.id = r.slot_id JOIN reading_list l ON l.id = s.list_id
              WHERE r.idempotency_key = submit_read.key AND r.slot_id = submit_read.slot AND l.membership_id = nw.membership_id()) THEN
    RETURN 'already';
  END IF;
  SELECT * INTO c FROM nw.next_case();
  IF c.slot_id IS DISTINCT FROM submit_read.slot THEN
    RAISE EXCEPTION 'This case is not the one being read: it was submitted before, or its list is not open.'
      USING ERRCODE = 'NW006', CONSTRAINT = 'not_the_case_being_read';
  END IF;
  INSERT INTO read (study_id, crop_id, reader_code, condition_key, slot_id, criteria, rule_set_key, proposed_call, call, override_reason, confidence, active_ms,
                    shown_sha256, protocol_version_id, source, idempotency_key)
  SELECT s.study_id, s.crop_id, code, c.condition_key, s.id, submit_read.criteria, submit_read.rule_set, submit_read.proposed, submit_read.decided,
         nullif(trim(submit_read.override_reason), ''), submit_read.confidence, submit_read.active_ms, c.shown_sha256, c.protocol_version_id, 'reader',
         submit_read.key
    FROM reading_slot s WHERE s.id = submit_read.slot;
  PERFORM nw.record('read.submitted', 'reading_slot', submit_read.slot::text, NULL,
                    jsonb_build_object('condition', c.condition_key, 'shown', c.shown_sha256));
  RETURN 'accepted';
END $$;
GRANT EXECUTE ON FUNCTION nw.submit_read(uuid, uuid, jsonb, text, call, call, text, int, int) TO nw_reader;

-- That a case was read, not what: all that anybody sees of a read before the lock.
CREATE OR REPLACE FUNCTION nw.note_read() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF new.slot_id IS NOT NULL THEN
    INSERT INTO reading_progress (slot_id, study_id, list_id, submitted_at)
    SELECT s.id, s.study_id, s.list_id, new.submitted_at FROM reading_slot s WHERE s.id = new.slot_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER note_read AFTER INSERT ON read FOR EACH ROW EXECUTE FUNCTION nw.note_read();

-- Crops that no schedule holds yet: ids only, for whoever draws the schedule without seeing the images.
CREATE OR REPLACE FUNCTION nw.schedulable_crops() RETURNS TABLE (crop_id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.id FROM nw.current_crop c JOIN nw.studied_node n ON n.id = c.node_id
   WHERE c.study_id = nw.study_id() AND nw.claim(1) IN ('principal_investigator', 'coordinator', 'importer')
     AND NOT EXISTS (SELECT FROM reading_slot s WHERE s.crop_id = c.id)
   ORDER BY c.created_at, c.id
$$;
GRANT EXECUTE ON FUNCTION nw.schedulable_crops() TO nw_principal_investigator, nw_coordinator, nw_importer;

-- How many cases a list has: its slots name crops, which whoever follows the progress does not see.
CREATE OR REPLACE FUNCTION nw.list_length(list uuid) RETURNS int LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*)::int FROM reading_slot s WHERE s.list_id = $1 AND s.study_id = nw.study_id() AND nw.claim(1) <> 'reader'
$$;
GRANT EXECUTE ON FUNCTION nw.list_length(uuid) TO nw_coordinator, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_administrator, nw_importer;
