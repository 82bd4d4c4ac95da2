-- The only ways in which a reader works: readers have no grant on any table of images, sizes, reads, truth or scores.

-- A case as its reader gets it; `crops`: [{plane, sha256}] from left to right. `rendering`: the name under which the server knows how the images are drawn anew;
-- null: they are handed out as they are stored.
CREATE TYPE nw.shown_case AS (slot_id uuid, list_id uuid, "position" int, total int, condition_key text, shows text[], crops jsonb, rendering text,
  short_axis_mm numeric, protocol_version_id uuid, shown_sha256 text);

-- The memberships of the claim's reader: whoever left and returns goes on under the same code. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.my_memberships() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.id FROM membership now JOIN membership m ON m.study_id = now.study_id AND m.person_id = now.person_id AND m.reader_code = now.reader_code
   WHERE now.id = nw.membership_id() AND now.person_id = nw.person_id() AND now.study_id = nw.study_id() AND nw.claim(1) = 'reader'
$$;

-- What a reader knows of the own schedule: how far each list is and when it opens. A day of the wash-out is 24 hours, also where clocks change. Only what an
-- earlier transaction read counts: one that reads, looks at what comes next and is then rolled back would leave no trace.
CREATE OR REPLACE FUNCTION nw.my_lists() RETURNS TABLE (list_id uuid, condition_key text, condition_ordinal int, batch int, shows text[],
  wash_out_days numeric, total int, done int, opens_at timestamptz, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH mine AS (
    SELECT l.*, (SELECT count(*)::int FROM nw.due_slot s WHERE s.list_id = l.id) AS total,
           p.done, p.last_submitted
      FROM reading_list l
     CROSS JOIN LATERAL (SELECT count(*)::int AS done, max(p.submitted_at) AS last_submitted FROM reading_progress p
                          WHERE p.list_id = l.id AND p.transaction IS DISTINCT FROM txid_current_if_assigned()) p
     WHERE l.membership_id IN (SELECT nw.my_memberships())
  ), dated AS (
    SELECT m.*,
           NOT EXISTS (SELECT FROM mine e WHERE e.condition_ordinal < m.condition_ordinal AND e.done < e.total) AS earlier_done,
           (SELECT max(e.last_submitted) FROM mine e WHERE e.condition_ordinal < m.condition_ordinal) + m.wash_out_days * interval '24 hours' AS opens_at
      FROM mine m
  )
  SELECT id, condition_key, condition_ordinal, batch, shows, wash_out_days, total, done, CASE WHEN earlier_done THEN opens_at END,
         CASE WHEN done >= total THEN 'complete' WHEN nw.locked() THEN 'closed' WHEN NOT earlier_done THEN 'waiting'
              WHEN coalesce(opens_at, '-infinity') > now() THEN 'wash-out' ELSE 'open' END
    FROM dated ORDER BY condition_ordinal, batch
$$;
GRANT EXECUTE ON FUNCTION nw.my_lists() TO nw_reader;

-- The place in the first open list whose turn it is after what earlier transactions read, and the one read last in that list, unless its node has left the
-- study. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.my_turn() RETURNS TABLE (next_slot uuid, last_slot uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT (SELECT s.id FROM nw.due_slot s WHERE s.list_id = l.list_id
             AND NOT EXISTS (SELECT FROM reading_progress p WHERE p.slot_id = s.id AND p.transaction IS DISTINCT FROM txid_current_if_assigned())
           ORDER BY s.position LIMIT 1),
         (SELECT s.id FROM (SELECT s.* FROM reading_slot s JOIN reading_progress p ON p.slot_id = s.id WHERE s.list_id = l.list_id ORDER BY s.position DESC LIMIT 1) s
            JOIN reading_case k ON k.id = s.case_id JOIN nw.studied_node n ON n.id = k.node_id)
    FROM nw.my_lists() l WHERE l.state = 'open' ORDER BY l.condition_ordinal, l.batch LIMIT 1
$$;

-- The hash of what is shown: over place, hash and plane of each image, condition, size or "hidden", protocol version and, where there is one, rendering.
-- Nobody may call it.
CREATE OR REPLACE FUNCTION nw.hash_shown(slot uuid, images text, condition text, mm numeric, protocol_version uuid, rendering text) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT encode(sha256(convert_to(concat_ws('|', $1, $2, $3, coalesce($4::text, 'hidden'), $5, $6), 'UTF8')), 'hex')
$$;

-- What is shown at a place of the schedule. The size is there only in a list that shows it; in another the images are all drawn on one canvas, because the
-- pixels of a crop tell its size. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.case_at(slot uuid) RETURNS nw.shown_case LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, l.id, o.position, o.total, l.condition_key, l.shows, i.crops, d.rendering, z.mm,
         l.protocol_version_id,
         nw.hash_shown(s.id, i.hashes, l.condition_key, z.mm, l.protocol_version_id, d.rendering)
    FROM reading_slot s JOIN reading_list l ON l.id = s.list_id JOIN reading_case k ON k.id = s.case_id
   CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE d.position <= s.position)::int AS position, count(*)::int AS total FROM nw.due_slot d WHERE d.list_id = l.id) o
   CROSS JOIN LATERAL (SELECT CASE WHEN 'size' = ANY (l.shows) THEN NULL ELSE 'canvas-300-cubic' END AS rendering) d
   CROSS JOIN LATERAL (
     SELECT jsonb_agg(jsonb_build_object('plane', c.plane, 'sha256', c.sha256) ORDER BY o.ordinal) AS crops,
            string_agg(c.sha256 || '|' || c.plane, '|' ORDER BY o.ordinal) AS hashes
       FROM case_crop o JOIN crop c ON c.id = o.crop_id WHERE o.case_id = k.id) i
    LEFT JOIN LATERAL (SELECT v.short_axis_mm AS mm FROM nw.current_size v WHERE v.node_id = k.node_id AND 'size' = ANY (l.shows)) z ON true
   WHERE s.id = case_at.slot
$$;

-- How a place was shown last, unless it was read since. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.last_view(slot uuid) RETURNS SETOF reading_view LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT v.* FROM (SELECT * FROM reading_view v WHERE v.slot_id = last_view.slot ORDER BY v.showing DESC LIMIT 1) v
   WHERE NOT EXISTS (SELECT FROM read r WHERE r.slot_id = v.slot_id AND r.submitted_at >= v.first_shown_at)
$$;

-- A case of the claim's reader as it is in hand: the one being read, or read last, as long as it was last shown just as it would be shown now, and after
-- what was read of it. A view counts once its transaction has ended: what was handed out before could be looked at and rolled back without a trace. (The
-- number is that of the whole transaction, savepoints and blocks included.)
CREATE OR REPLACE FUNCTION nw.case_in_hand(slot uuid) RETURNS SETOF nw.shown_case LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.* FROM nw.my_turn() t CROSS JOIN LATERAL nw.last_view(case_in_hand.slot) v CROSS JOIN LATERAL nw.case_at(v.slot_id) k
   WHERE case_in_hand.slot IN (t.next_slot, t.last_slot) AND k.shown_sha256 = v.shown_sha256 AND v.transaction IS DISTINCT FROM txid_current_if_assigned()
$$;
GRANT EXECUTE ON FUNCTION nw.case_in_hand(uuid) TO nw_reader;

-- Notes a case as shown, unless it was shown last just so. The hash stays with the view: in the trail, whoever sees crops would try out which was shown, and have
-- the reader's order before the lock. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.note_shown(c nw.shown_case, action text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM nw.last_view(c.slot_id) v WHERE v.shown_sha256 = c.shown_sha256) THEN RETURN; END IF;
  INSERT INTO reading_view (slot_id, study_id, showing, shown_sha256, rendering)
  SELECT c.slot_id, nw.study_id(), 1 + count(*), c.shown_sha256, c.rendering FROM reading_view v WHERE v.slot_id = c.slot_id ON CONFLICT (slot_id, showing) DO NOTHING;
  IF FOUND THEN
    PERFORM nw.record(action, 'reading_slot', c.slot_id::text, NULL, jsonb_build_object('condition', c.condition_key));
  END IF;
END $$;

-- What is in hand is what a read is of: with its hash the read is kept. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.hold_case(slot uuid) RETURNS nw.shown_case LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c nw.shown_case;
BEGIN
  SELECT k.* INTO c FROM nw.case_in_hand(slot) k;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'What you saw has changed: the case is shown again. Nothing was saved.' USING ERRCODE = 'NW006', CONSTRAINT = 'shown_case_changed';
  END IF;
  RETURN c;
END $$;

-- A reader asks for the case whose turn it is ('current'), or for the one read last in the open list, to correct its read ('previous'): it is noted as shown,
-- with the hash of what will be shown, and handed out to the next transaction. Answers whether there is one.
CREATE OR REPLACE FUNCTION nw.open_case(turn text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE slot uuid;
BEGIN
  -- No schedule is drawn meanwhile that would call what is shown now unseen (nw.make_lacking).
  PERFORM FROM membership WHERE id = nw.membership_id() FOR NO KEY UPDATE;
  slot := (SELECT CASE turn WHEN 'current' THEN t.next_slot WHEN 'previous' THEN t.last_slot END FROM nw.my_turn() t);
  IF slot IS NULL THEN RETURN false; END IF;
  PERFORM nw.note_shown(nw.case_at(slot), CASE turn WHEN 'current' THEN 'case.shown' ELSE 'case.shown_again' END);
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION nw.open_case(text) TO nw_reader;

-- The only ways in which a reader gets at a case, once it was asked for: the one whose turn it is, and the one read last as it would be shown now, without
-- what was read.
CREATE OR REPLACE FUNCTION nw.current_case() RETURNS SETOF nw.shown_case LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.* FROM nw.my_turn() t, nw.case_in_hand(t.next_slot) k
$$;
CREATE OR REPLACE FUNCTION nw.previous_case() RETURNS SETOF nw.shown_case LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.* FROM nw.my_turn() t, nw.case_in_hand(t.last_slot) k
$$;
GRANT EXECUTE ON FUNCTION nw.current_case(), nw.previous_case() TO nw_reader;

-- The code under which the claim's person reads in this study; of one reader's reads one is taken at a time. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.hold_reader() RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE code text;
BEGIN
  -- At any other isolation the turn would be that of the transaction's beginning: a read would be corrected after later ones, and after their sizes.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'Reads are taken at the isolation level READ COMMITTED only. Nothing was saved; set no other.'
      USING ERRCODE = 'NW006', CONSTRAINT = 'reads_need_read_committed';
  END IF;
  SELECT reader_code INTO code FROM membership
   WHERE id = nw.membership_id() AND study_id = nw.study_id() AND person_id = nw.person_id() AND role = 'reader' AND ended_at IS NULL AND nw.claim(1) = 'reader'
     FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Only a reader of this study submits reads.' USING ERRCODE = 'NW005', CONSTRAINT = 'not_a_reader';
  END IF;
  RETURN code;
END $$;

-- Whether the claim's reader sent this read before: the same key is taken once. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.is_stored(slot uuid, key uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM read r JOIN reading_slot s ON s.id = r.slot_id JOIN reading_list l ON l.id = s.list_id
                  WHERE r.idempotency_key = $2 AND r.slot_id = $1 AND l.membership_id IN (SELECT nw.my_memberships()))
$$;

-- A case whose node was taken out of the study while it was open, or whose subject withdrew: no read of it is taken. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.refuse_left_case(slot uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM reading_slot s JOIN reading_list l ON l.id = s.list_id JOIN reading_case k ON k.id = s.case_id
              WHERE s.id = refuse_left_case.slot AND l.membership_id IN (SELECT nw.my_memberships())
                AND NOT EXISTS (SELECT FROM nw.studied_node n WHERE n.id = k.node_id)) THEN
    RAISE EXCEPTION 'This case has been taken out of the study meanwhile: it is read no more. Nothing was saved.'
      USING ERRCODE = 'NW006', CONSTRAINT = 'case_left_study';
  END IF;
END $$;

-- Submits the read of the current case, once: the same idempotency key again answers 'already', a slot that is not the current one is refused. The next case
-- of the list is asked for by the way.
CREATE OR REPLACE FUNCTION nw.submit_read(slot uuid, key uuid, criteria jsonb, rule_set text, proposed call, decided call, override_reason text,
  confidence int, active_ms int)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  code text := nw.hold_reader();
  c nw.shown_case;
BEGIN
  IF nw.is_stored(slot, key) THEN RETURN 'already'; END IF;
  PERFORM nw.refuse_left_case(slot);
  SELECT k.* INTO c FROM nw.my_turn() t, nw.case_at(t.next_slot) k;
  IF (c.slot_id = slot) IS NOT TRUE THEN
    RAISE EXCEPTION 'This case is not the one being read: it was submitted before, or its list is not open.'
      USING ERRCODE = 'NW006', CONSTRAINT = 'not_the_case_being_read';
  END IF;
  c := nw.hold_case(slot);
  INSERT INTO read (study_id, case_id, reader_code, condition_key, occasion, slot_id, criteria, rule_set_key, proposed_call, call, override_reason,
                    confidence, active_ms, shown_sha256, protocol_version_id, source, idempotency_key)
  SELECT s.study_id, s.case_id, code, c.condition_key, s.occasion, s.id, submit_read.criteria, submit_read.rule_set, submit_read.proposed,
         submit_read.decided, nullif(trim(submit_read.override_reason), ''), submit_read.confidence, submit_read.active_ms, c.shown_sha256,
         c.protocol_version_id, 'reader', submit_read.key
    FROM reading_slot s WHERE s.id = submit_read.slot;
  PERFORM nw.record('read.submitted', 'reading_slot', slot::text, NULL, jsonb_build_object('condition', c.condition_key));
  PERFORM nw.note_shown(nw.case_at(n.id), 'case.shown') FROM (
    SELECT d.id FROM nw.due_slot d JOIN reading_slot s ON s.list_id = d.list_id AND s.position < d.position
     WHERE s.id = submit_read.slot ORDER BY d.position LIMIT 1) n;
  RETURN 'accepted';
END $$;
GRANT EXECUTE ON FUNCTION nw.submit_read(uuid, uuid, jsonb, text, call, call, text, int, int) TO nw_reader;

-- Corrects the read submitted last in the open list: a new read that supersedes it, with the reason; both stay. The same key again answers 'already'. The
-- reason may tell what was read, so it stands with the read and not in the trail, which is seen before the lock.
CREATE OR REPLACE FUNCTION nw.correct_read(slot uuid, key uuid, reason text, criteria jsonb, rule_set text, proposed call, decided call,
  override_reason text, confidence int, active_ms int)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  code text := nw.hold_reader();
  c nw.shown_case;
BEGIN
  IF nw.is_stored(slot, key) THEN RETURN 'already'; END IF;
  PERFORM nw.refuse_left_case(slot);
  SELECT k.* INTO c FROM nw.my_turn() t, nw.case_at(t.last_slot) k;
  IF (c.slot_id = slot) IS NOT TRUE THEN
    RAISE EXCEPTION 'This read can no longer be corrected: another case was submitted after it, or its list is complete or closed.'
      USING ERRCODE = 'NW006', CONSTRAINT = 'correction_out_of_turn';
  END IF;
  c := nw.hold_case(slot);
  INSERT INTO read (study_id, case_id, reader_code, condition_key, occasion, slot_id, criteria, rule_set_key, proposed_call, call, override_reason,
                    confidence, active_ms, shown_sha256, protocol_version_id, source, idempotency_key, supersedes, correction_reason)
  SELECT r.study_id, r.case_id, r.reader_code, r.condition_key, r.occasion, r.slot_id, correct_read.criteria, correct_read.rule_set, correct_read.proposed,
         correct_read.decided, nullif(trim(correct_read.override_reason), ''), correct_read.confidence, correct_read.active_ms, c.shown_sha256,
         c.protocol_version_id, 'reader', correct_read.key, r.id, trim(correct_read.reason)
    FROM nw.current_read r WHERE r.slot_id = correct_read.slot AND r.reader_code = code;
  PERFORM nw.record('read.corrected', 'reading_slot', slot::text, NULL, jsonb_build_object('condition', c.condition_key));
  RETURN 'accepted';
END $$;
GRANT EXECUTE ON FUNCTION nw.correct_read(uuid, uuid, text, jsonb, text, call, call, text, int, int) TO nw_reader;

-- That a case was read, not what: all that anybody sees of a read before the lock.
CREATE OR REPLACE FUNCTION nw.note_read() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO reading_progress (slot_id, study_id, list_id, submitted_at)
  SELECT s.id, s.study_id, s.list_id, new.submitted_at FROM reading_slot s WHERE s.id = new.slot_id;
  RETURN NULL;
END $$;
CREATE TRIGGER note_read AFTER INSERT ON read FOR EACH ROW WHEN (new.slot_id IS NOT NULL AND new.supersedes IS NULL) EXECUTE FUNCTION nw.note_read();

-- A reader has one read of an image in a condition, on one occasion: cases can share images. Of the same case the index says so.
-- (After the row's policy: whoever may not write it is told nothing.)
CREATE OR REPLACE FUNCTION nw.refuse_second_read() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  -- Apart, and empty as a rule: a plan made while no read was there yet would look through all reads for each of a long import.
  others uuid[];
BEGIN
  PERFORM nw.hold('reads of a reader', new.study_id || ' ' || new.reader_code);
  others := ARRAY(SELECT other.case_id FROM case_crop mine JOIN case_crop other ON other.crop_id = mine.crop_id AND other.case_id <> mine.case_id
                   WHERE mine.case_id = new.case_id);
  IF others <> '{}' AND EXISTS (SELECT FROM read r WHERE r.study_id = new.study_id AND r.reader_code = new.reader_code AND r.condition_key = new.condition_key
                                   AND r.occasion = new.occasion AND r.case_id = ANY (others) AND r.supersedes IS NULL) THEN
    RAISE EXCEPTION 'This reader has read an image of this case in this condition before, in another case. Nothing was saved.'
      USING ERRCODE = 'NW004', CONSTRAINT = 'image_is_read';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_second_read AFTER INSERT ON read FOR EACH ROW WHEN (new.supersedes IS NULL) EXECUTE FUNCTION nw.refuse_second_read();

-- The conditions that a schedule or a read is of: for whoever changes the protocol and sees no read.
CREATE OR REPLACE FUNCTION nw.conditions_in_use() RETURNS TABLE (condition_key text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.condition_key FROM (SELECT l.study_id, l.condition_key FROM reading_list l UNION SELECT r.study_id, r.condition_key FROM read r) u
   WHERE u.study_id = nw.study_id() AND nw.claim(1) IN ('principal_investigator', 'administrator')
$$;
GRANT EXECUTE ON FUNCTION nw.conditions_in_use() TO nw_principal_investigator, nw_administrator;

-- The case of these crops, made if it is not there yet: current crops of one node of the claim's study, in the order in which they are shown. Its id is the
-- crop's, and of several crops comes out of their ids, whatever their order. A crop of a case is not superseded meanwhile.
CREATE OR REPLACE FUNCTION nw.make_case(crops uuid[]) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  ids text := (SELECT string_agg(c::text, ' ' ORDER BY c) FROM unnest(crops) c);
  -- A UUID of version 8: the hash but for its digits of version and variant.
  made uuid := CASE cardinality(crops) WHEN 1 THEN crops[1]
    ELSE overlay(overlay(left(encode(sha256(convert_to(ids, 'UTF8')), 'hex'), 32) PLACING '8' FROM 13) PLACING '8' FROM 17)::uuid END;
  nodes uuid[];
BEGIN
  -- One that is there has a place in a schedule or a read: its crops are superseded no more.
  IF EXISTS (SELECT FROM reading_case WHERE id = made AND study_id = nw.study_id()) THEN RETURN made; END IF;
  SELECT array_agg(n.node_id) INTO nodes FROM (
    SELECT c.node_id FROM crop c WHERE c.id = ANY (crops) AND c.study_id = nw.study_id() AND c.superseded_at IS NULL FOR SHARE) n;
  IF (cardinality(nodes) = cardinality(crops) AND nodes[1] = ALL (nodes)) IS NOT TRUE THEN
    RAISE EXCEPTION 'A case is made of current images of one node, each once.' USING ERRCODE = 'NW007', CONSTRAINT = 'made_up_case';
  END IF;
  INSERT INTO reading_case (id, study_id, node_id) VALUES (made, nw.study_id(), nodes[1]) ON CONFLICT (id) DO NOTHING;
  IF FOUND THEN
    INSERT INTO case_crop (case_id, study_id, ordinal, crop_id) SELECT made, nw.study_id(), c.ordinal, c.id FROM unnest(crops) WITH ORDINALITY c (id, ordinal);
  END IF;
  RETURN made;
END $$;
GRANT EXECUTE ON FUNCTION nw.make_case(uuid[]) TO nw_importer;

-- The nodes for which a condition comes too late: whoever reads under this code has begun a list of a later one that shows more of them, or has such reads that
-- were imported. (Every node of the list, seen or not: of single ones, what is left out would tell the order of the list.) Nobody may call it.
CREATE OR REPLACE FUNCTION nw.too_late(study uuid, reader_code text) RETURNS TABLE (node_id uuid, condition_key text, place bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH conditions AS MATERIALIZED (SELECT * FROM nw.conditions($1)), begun AS (
    SELECT l.id, l.condition_key, l.shows FROM membership m JOIN reading_list l ON l.membership_id = m.id
     WHERE m.study_id = $1 AND m.reader_code = $2 AND l.shows <> '{}' AND EXISTS (
       SELECT FROM reading_slot s WHERE s.list_id = l.id
          AND (EXISTS (SELECT FROM reading_view v WHERE v.slot_id = s.id OFFSET 0) OR EXISTS (SELECT FROM reading_progress p WHERE p.slot_id = s.id OFFSET 0)))
  ), imported AS (
    SELECT r.condition_key, nw.shown_in(c.value) AS shows, array_agg(r.case_id) AS cases FROM read r JOIN protocol_version v ON v.id = r.protocol_version_id
     CROSS JOIN LATERAL (SELECT c.value FROM jsonb_array_elements(v.document -> 'conditions') c (value) WHERE c.value ->> 'key' = r.condition_key) c
     WHERE r.study_id = $1 AND r.reader_code = $2 AND r.slot_id IS NULL GROUP BY 1, 2
  ), shown AS (
    SELECT k.node_id, b.condition_key, b.shows FROM begun b CROSS JOIN LATERAL (SELECT s.case_id FROM reading_slot s WHERE s.list_id = b.id OFFSET 0) s
      JOIN reading_case k ON k.id = s.case_id
    UNION
    SELECT k.node_id, i.condition_key, i.shows FROM imported i CROSS JOIN LATERAL unnest(i.cases) u (id) JOIN reading_case k ON k.id = u.id WHERE i.shows <> '{}'
  )
  SELECT DISTINCT s.node_id, c.key, c.place FROM shown s LEFT JOIN conditions own ON own.key = s.condition_key
    -- One that the protocol has no more comes after all.
    JOIN conditions c ON (own.place IS NULL OR c.place < own.place) AND NOT s.shows <@ c.shows
$$;

-- The crops of each case that a reader lacks in a condition, neither scheduled nor read by whoever reads under that code: each image of a studied node or, by
-- 'node', those of a node that has one in every plane, in the order of `planes`. Too late is what comes for a node of which the reader is shown more already:
-- it would be read as if it were not, in this condition or in one before it. They name crops, which whoever draws does not see: nobody may call it.
CREATE OR REPLACE FUNCTION nw.lacking(reader uuid, condition text, unit text, planes text[]) RETURNS TABLE (crops uuid[], too_late boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  -- Through the keys (OFFSET 0 keeps it so): right after an import the planner knows no sizes yet.
  WITH same AS MATERIALIZED (
    SELECT m.id, m.reader_code FROM membership r JOIN membership m ON m.study_id = r.study_id AND m.reader_code = r.reader_code
     WHERE r.id = lacking.reader AND r.study_id = nw.study_id()
  ), had AS (
    SELECT s.case_id FROM reading_list l CROSS JOIN LATERAL (SELECT s.case_id FROM reading_slot s WHERE s.list_id = l.id OFFSET 0) s
     WHERE l.membership_id IN (SELECT id FROM same) AND l.condition_key = lacking.condition
    UNION ALL
    SELECT r.case_id FROM read r WHERE r.study_id = nw.study_id() AND r.reader_code IN (SELECT reader_code FROM same) AND r.condition_key = lacking.condition
  ), late AS MATERIALIZED (
    SELECT t.* FROM (SELECT DISTINCT reader_code FROM same) r CROSS JOIN nw.too_late(nw.study_id(), r.reader_code) t
     WHERE t.place <= (SELECT c.place FROM nw.conditions(nw.study_id()) c WHERE c.key = lacking.condition)
  ), free AS (
    SELECT c.id, c.node_id, c.plane, c.created_at, EXISTS (
             SELECT FROM late t WHERE t.node_id = c.node_id AND NOT EXISTS (
               SELECT FROM case_crop k WHERE k.crop_id = c.id
                  AND (EXISTS (SELECT FROM reading_slot s JOIN reading_list l ON l.id = s.list_id
                                WHERE s.case_id = k.case_id AND l.membership_id IN (SELECT id FROM same) AND l.condition_key = t.condition_key)
                    OR EXISTS (SELECT FROM read r WHERE r.study_id = nw.study_id() AND r.case_id = k.case_id
                                  AND r.reader_code IN (SELECT reader_code FROM same) AND r.condition_key = t.condition_key)))) AS too_late
      FROM nw.current_crop c JOIN LATERAL (SELECT FROM nw.studied_node n WHERE n.id = c.node_id OFFSET 0) n ON true
     WHERE c.study_id = nw.study_id() AND EXISTS (SELECT FROM same)
       AND c.id NOT IN (SELECT k.crop_id FROM had h CROSS JOIN LATERAL (SELECT k.crop_id FROM case_crop k WHERE k.case_id = h.case_id OFFSET 0) k)
  )
  SELECT ARRAY[id], free.too_late FROM free WHERE unit = 'image'
  UNION ALL
  SELECT array_agg(id ORDER BY array_position(planes, plane), created_at, id), bool_or(free.too_late) FROM free WHERE unit = 'node' AND plane = ANY (planes)
   GROUP BY node_id HAVING count(DISTINCT plane) = cardinality(planes)
$$;

-- How many cases each reader lacks, where any, and how many more are drawn for that reader no more, because they come too late.
CREATE OR REPLACE FUNCTION nw.count_lacking(unit text, planes text[], conditions text[]) RETURNS TABLE (reader_code text, cases int, too_late int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.reader_code, max(n.cases)::int, max(n.too_late)::int FROM membership m CROSS JOIN unnest($3) c (condition)
   CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE NOT l.too_late) AS cases, count(*) FILTER (WHERE l.too_late) AS too_late
                         FROM nw.lacking(m.id, c.condition, $1, $2) l) n
   WHERE m.study_id = nw.study_id() AND m.role = 'reader' AND m.ended_at IS NULL AND n.cases + n.too_late > 0
     AND nw.claim(1) IN ('coordinator', 'principal_investigator', 'monitor')
   GROUP BY m.reader_code ORDER BY m.reader_code
$$;
GRANT EXECUTE ON FUNCTION nw.count_lacking(text, text[], text[]) TO nw_coordinator, nw_principal_investigator, nw_monitor;

-- Makes the cases that a reader lacks in a condition: ids only, for whoever draws the schedule without seeing the images. (The reader opens no list meanwhile:
-- the look comes after the lock.)
CREATE OR REPLACE FUNCTION nw.make_lacking(reader uuid, condition text, unit text, planes text[]) RETURNS TABLE (case_id uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT FROM membership m WHERE m.id = $1 AND m.study_id = nw.study_id() AND nw.claim(1) IN ('principal_investigator', 'coordinator', 'importer') FOR NO KEY UPDATE;
  SELECT nw.make_case(u.crops) FROM nw.lacking($1, $2, $3, $4) u WHERE NOT u.too_late AND nw.claim(1) IN ('principal_investigator', 'coordinator', 'importer')
$$;
GRANT EXECUTE ON FUNCTION nw.make_lacking(uuid, text, text, text[]) TO nw_principal_investigator, nw_coordinator, nw_importer;

-- A reader has an image in a condition once in the schedule, on one occasion, whichever list or membership holds it.
CREATE OR REPLACE FUNCTION nw.refuse_second_place() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM nw.hold('reading schedule of a study', a.study_id::text) FROM (SELECT DISTINCT study_id FROM added) a;
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT h.id, h.condition_key, o.reader_code, h.id IN (SELECT list_id FROM added) AS is_new
                   FROM (SELECT DISTINCT list_id FROM added) a JOIN reading_list l ON l.id = a.list_id JOIN membership m ON m.id = l.membership_id
                   JOIN membership o ON o.study_id = m.study_id AND o.reader_code = m.reader_code
                   JOIN reading_list h ON h.membership_id = o.id AND h.condition_key = l.condition_key) h
     CROSS JOIN LATERAL (SELECT s.case_id, s.occasion FROM reading_slot s WHERE s.list_id = h.id OFFSET 0) s
     CROSS JOIN LATERAL (SELECT k.crop_id FROM case_crop k WHERE k.case_id = s.case_id OFFSET 0) k
     GROUP BY h.condition_key, h.reader_code, s.occasion, k.crop_id HAVING count(*) > 1 AND bool_or(h.is_new)) THEN
    RAISE EXCEPTION 'This reader has an image of this case in the schedule of this condition already. Nothing was saved.'
      USING ERRCODE = 'NW004', CONSTRAINT = 'image_is_scheduled';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_second_place AFTER INSERT ON reading_slot REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_second_place();

-- A case is read in the conditions of the protocol one after the other, and so it is drawn: it comes into a list once every earlier condition has it, in a list
-- or a read of the same reader. Drawn into a later one alone, it would be seen with its size first. (By node, what counts is the node.)
CREATE OR REPLACE FUNCTION nw.refuse_early_place() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (
    WITH lists AS (
      SELECT l.id, l.study_id, m.reader_code, l.condition_ordinal, v.document -> 'conditions' AS conditions, v.document #>> '{reading,case}' = 'node' AS by_node
        FROM (SELECT DISTINCT list_id FROM added) a JOIN reading_list l ON l.id = a.list_id JOIN membership m ON m.id = l.membership_id
        JOIN protocol_version v ON v.id = l.protocol_version_id
    )
    SELECT FROM lists l CROSS JOIN LATERAL jsonb_array_elements(l.conditions) WITH ORDINALITY earlier (value, place)
     WHERE earlier.place <= l.condition_ordinal AND EXISTS (
       SELECT CASE WHEN l.by_node THEN c.node_id ELSE k.crop_id END
         FROM added a JOIN reading_case c ON c.id = a.case_id JOIN case_crop k ON k.case_id = c.id WHERE a.list_id = l.id
       EXCEPT
       SELECT CASE WHEN l.by_node THEN c.node_id ELSE k.crop_id END FROM (
         SELECT s.case_id FROM membership m JOIN reading_list h ON h.membership_id = m.id AND h.condition_key = earlier.value ->> 'key'
          CROSS JOIN LATERAL (SELECT s.case_id FROM reading_slot s WHERE s.list_id = h.id OFFSET 0) s
          WHERE m.study_id = l.study_id AND m.reader_code = l.reader_code
         UNION ALL
         SELECT r.case_id FROM read r WHERE r.study_id = l.study_id AND r.reader_code = l.reader_code AND r.condition_key = earlier.value ->> 'key') had
        JOIN reading_case c ON c.id = had.case_id JOIN case_crop k ON k.case_id = c.id)) THEN
    RAISE EXCEPTION 'A case is drawn for a condition together with those before it in the protocol, or after them. Nothing was saved.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'drawn_before_its_turn';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_early_place AFTER INSERT ON reading_slot REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_early_place();

-- Nor is a case drawn for a condition that comes too late for its node, whoever draws it.
CREATE OR REPLACE FUNCTION nw.refuse_late_place() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT l.study_id, m.reader_code FROM added a JOIN reading_list l ON l.id = a.list_id JOIN membership m ON m.id = l.membership_id) r
     CROSS JOIN LATERAL nw.too_late(r.study_id, r.reader_code) t
      JOIN reading_case k ON k.node_id = t.node_id JOIN added a ON a.case_id = k.id
      JOIN reading_list l ON l.id = a.list_id AND l.condition_key = t.condition_key JOIN membership m ON m.id = l.membership_id AND m.reader_code = r.reader_code) THEN
    RAISE EXCEPTION 'This reader is shown more of this node already, in a later condition. Nothing was saved.' USING ERRCODE = 'NW007', CONSTRAINT = 'drawn_too_late';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_late_place AFTER INSERT ON reading_slot REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_late_place();

-- What a list shows and when it opens is what its condition says in the study's protocol, whatever whoever draws it says. Where there is none, nothing is set
-- here and the list is refused below, after the row's policy.
CREATE OR REPLACE FUNCTION nw.as_the_protocol_says() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  condition jsonb;
  place bigint;
BEGIN
  SELECT c.value, c.place INTO condition, place FROM study s JOIN protocol_version v ON v.id = s.protocol_version_id AND v.study_id = s.id
   CROSS JOIN LATERAL jsonb_array_elements(v.document -> 'conditions') WITH ORDINALITY c (value, place)
   WHERE s.id = new.study_id AND v.id = new.protocol_version_id AND c.value ->> 'key' = new.condition_key;
  IF NOT FOUND THEN RETURN new; END IF;
  new.condition_ordinal := place - 1;
  new.wash_out_days := (condition ->> 'washOutDays')::numeric;
  new.shows := nw.shown_in(condition);
  RETURN new;
END $$;
CREATE TRIGGER as_the_protocol_says BEFORE INSERT ON reading_list FOR EACH ROW EXECUTE FUNCTION nw.as_the_protocol_says();

CREATE OR REPLACE FUNCTION nw.refuse_made_up_list() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM study s JOIN protocol_version v ON v.id = s.protocol_version_id AND v.study_id = s.id
                  CROSS JOIN LATERAL jsonb_array_elements(v.document -> 'conditions') c (value)
                  WHERE s.id = new.study_id AND v.id = new.protocol_version_id AND c.value ->> 'key' = new.condition_key) THEN
    RAISE EXCEPTION 'A reading list is of a condition of the protocol in force. Nothing was saved.' USING ERRCODE = 'NW007', CONSTRAINT = 'made_up_list';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_list AFTER INSERT ON reading_list FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_list();

-- What each order was drawn with, once nobody reads any more: with it and the cases the order can be drawn again.
CREATE OR REPLACE FUNCTION nw.drawn_orders() RETURNS TABLE (list_id uuid, seed int, order_sha256 text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT l.id, l.seed, l.order_sha256 FROM reading_list l
   WHERE l.study_id = nw.study_id() AND nw.locked() AND nw.claim(1) IN ('coordinator', 'principal_investigator', 'monitor', 'administrator')
$$;
GRANT EXECUTE ON FUNCTION nw.drawn_orders() TO nw_coordinator, nw_principal_investigator, nw_monitor, nw_administrator;

-- How many cases a list has, those left out that are read no more: its slots name cases, which whoever follows the progress does not see.
CREATE OR REPLACE FUNCTION nw.list_length(list uuid) RETURNS int LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*)::int FROM nw.due_slot s WHERE s.list_id = $1 AND s.study_id = nw.study_id() AND nw.claim(1) <> 'reader'
$$;
GRANT EXECUTE ON FUNCTION nw.list_length(uuid) TO nw_coordinator, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_administrator, nw_importer;

-- Nodes that were measured again between two reads of one condition, so that its readers judged the same cases by different sizes: which, and how many cases.
-- What was shown, the hash of each read says: of all sizes that the node ever had, the one that gives it. Before the lock nobody but the PI is told, and not
-- the sizes; after it, only of nodes that the analysis judges. (From the few nodes with two sizes on.)
CREATE OR REPLACE FUNCTION nw.sizes_that_differ() RETURNS TABLE (subject text, node text, condition text, cases int, shown jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH measured AS MATERIALIZED (
    SELECT node_id, array_agg(DISTINCT short_axis_mm) AS sizes FROM node_size WHERE study_id = nw.study_id()
       AND (nw.claim(1) = 'principal_investigator' OR nw.locked() AND nw.claim(1) IN ('data_scientist', 'importer'))
     GROUP BY node_id HAVING count(DISTINCT short_axis_mm) > 1
  ), told AS (
    SELECT k.node_id, r.case_id, r.condition_key, r.reader_code, mm
      FROM measured m JOIN nw.studied_node n ON n.id = m.node_id JOIN reading_case k ON k.node_id = m.node_id
      JOIN nw.current_read r ON r.case_id = k.id AND r.study_id = nw.study_id()
      JOIN reading_slot s ON s.id = r.slot_id JOIN reading_list l ON l.id = s.list_id
     CROSS JOIN LATERAL (SELECT string_agg(c.sha256 || '|' || c.plane, '|' ORDER BY o.ordinal) AS hashes
                           FROM case_crop o JOIN crop c ON c.id = o.crop_id WHERE o.case_id = k.id) i
     CROSS JOIN LATERAL unnest(m.sizes) mm
     WHERE r.shown_sha256 = nw.hash_shown(s.id, i.hashes, r.condition_key, mm, r.protocol_version_id, NULL)
       AND (NOT nw.locked() OR EXISTS (SELECT FROM nw.judged_image j WHERE j.node_id = m.node_id))
  ), apart AS (
    SELECT * FROM told t WHERE EXISTS (SELECT FROM told o WHERE o.case_id = t.case_id AND o.condition_key = t.condition_key AND o.mm <> t.mm)
  )
  SELECT b.number, n.label, a.condition_key, count(DISTINCT a.case_id)::int,
         jsonb_agg(DISTINCT CASE WHEN nw.locked() THEN jsonb_build_array(a.reader_code, a.mm) ELSE jsonb_build_array(a.reader_code, NULL) END)
    FROM apart a JOIN node n ON n.id = a.node_id JOIN subject b ON b.id = n.subject_id
   GROUP BY b.number, n.label, n.ordinal, a.condition_key ORDER BY b.number, n.ordinal, a.condition_key
$$;
GRANT EXECUTE ON FUNCTION nw.sizes_that_differ() TO nw_principal_investigator, nw_data_scientist, nw_importer;
