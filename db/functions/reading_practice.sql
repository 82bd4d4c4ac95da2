-- Practice: training cases with a truth, read in the room before those of the study. They have tables of their own; nothing here is a case, a node or a read of it.

-- The conditions for which the protocol in force asks for practice (`core/protocol/practised-conditions.ts`), and which share is to be right. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.practice_asked(study uuid) RETURNS TABLE (condition_key text, place bigint, shows text[], pass_mark numeric, protocol_version_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.key, c.place, c.shows, (v.document #>> '{reading,practice,passMark}')::numeric, v.id
    FROM public.study s JOIN protocol_version v ON v.id = s.protocol_version_id AND v.study_id = s.id
   CROSS JOIN LATERAL nw.conditions_of(v.document) c
   WHERE s.id = $1 AND v.document #> '{reading,practice}' IS NOT NULL
     AND coalesce(v.document #> '{reading,practice,conditions}' ? c.key, c.repeats IS NULL)
$$;

-- The set that practice is on: the one that came last, and how many cases it has. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.newest_practice(study uuid) RETURNS TABLE (set_number int, cases int) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.set_number, count(*)::int FROM practice_case c WHERE c.study_id = $1 GROUP BY c.set_number ORDER BY c.set_number DESC LIMIT 1
$$;

-- What came of the rounds of these memberships, by reads of earlier transactions alone: one that can still be taken back and given otherwise is no read. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.practice_tally(members uuid[]) RETURNS TABLE (round_id uuid, membership_id uuid, condition_key text, "number" int, total int, done int, correct int, passed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.id, r.membership_id, r.condition_key, r.number, t.total, d.done, d.correct, d.done = t.total AND d.correct >= r.pass_mark * t.total
    FROM practice_round r
   CROSS JOIN LATERAL (SELECT count(*)::int AS total FROM practice_case c WHERE c.study_id = r.study_id AND c.set_number = r.set_number) t
   CROSS JOIN LATERAL (
     SELECT count(*)::int AS done, count(*) FILTER (WHERE p.call = c.truth)::int AS correct FROM practice_read p JOIN practice_case c ON c.id = p.case_id
      WHERE p.round_id = r.id AND p.transaction IS DISTINCT FROM txid_current_if_assigned()) d
   WHERE r.membership_id = ANY (members)
$$;

-- Whether a case of the study was shown to these memberships in a condition, or read: they go on, whatever the protocol asked for since. (In plpgsql, as the next: their plans are
-- kept, and every read that is submitted asks.) Nobody may call it.
CREATE OR REPLACE FUNCTION nw.has_begun(members uuid[], condition text) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM reading_list l JOIN reading_progress p ON p.list_id = l.id WHERE l.membership_id = ANY (members) AND l.condition_key = condition)
      OR EXISTS (SELECT FROM reading_list l JOIN reading_slot s ON s.list_id = l.id JOIN reading_view v ON v.slot_id = s.id
                  WHERE l.membership_id = ANY (members) AND l.condition_key = condition);
END $$;

-- The conditions whose lists wait for the reader of these memberships to pass the practice (nw.lists_of). Nobody may call it.
CREATE OR REPLACE FUNCTION nw.practice_first(members uuid[]) RETURNS SETOF text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE study uuid := nw.study_id();
BEGIN
  IF NOT EXISTS (SELECT FROM public.study s JOIN protocol_version v ON v.id = s.protocol_version_id WHERE s.id = study AND v.document #> '{reading,practice}' IS NOT NULL) THEN RETURN; END IF;
  RETURN QUERY SELECT a.condition_key FROM nw.practice_asked(study) a
   WHERE NOT nw.has_begun(members, a.condition_key) AND NOT EXISTS (SELECT FROM nw.practice_tally(members) t WHERE t.condition_key = a.condition_key AND t.passed);
END $$;

-- How the claim's reader stands in each condition that asks for practice, until the lock: the round under way, or the one that ended last. `round` is 0 where none was begun; `passed_round`
-- null where none was passed; `begun`: reads of the study began before practice was asked for, and need none.
CREATE OR REPLACE FUNCTION nw.my_practice() RETURNS TABLE (condition_key text, pass_mark numeric, cases int, round int, total int, done int, correct int, passed_round int, begun boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH mine AS MATERIALIZED (SELECT ARRAY(SELECT nw.my_memberships()) AS ids), tally AS MATERIALIZED (SELECT t.* FROM mine CROSS JOIN LATERAL nw.practice_tally(mine.ids) t)
  SELECT a.condition_key, coalesce(r.pass_mark, a.pass_mark), coalesce((SELECT n.cases FROM nw.newest_practice(nw.study_id()) n), 0),
         coalesce(t.number, 0), coalesce(t.total, 0), coalesce(t.done, 0), coalesce(t.correct, 0),
         (SELECT min(p.number) FROM tally p WHERE p.condition_key = a.condition_key AND p.passed), nw.has_begun(mine.ids, a.condition_key)
    FROM mine CROSS JOIN LATERAL nw.practice_asked(nw.study_id()) a
    LEFT JOIN LATERAL (SELECT t.* FROM tally t WHERE t.condition_key = a.condition_key ORDER BY t.number DESC LIMIT 1) t ON true
    LEFT JOIN practice_round r ON r.id = t.round_id
   WHERE nw.claim(1) = 'reader' AND NOT nw.locked() ORDER BY a.place
$$;
GRANT EXECUTE ON FUNCTION nw.my_practice() TO nw_reader;

-- The name of a case in a round, as the browser gets it (a UUID of version 8, RFC 9562), and by its own value its place among the others: another one in each round. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.practice_slot(round uuid, practice_case uuid) RETURNS uuid LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  SELECT overlay(overlay(md5($1::text || $2::text) PLACING '8' FROM 13) PLACING '8' FROM 17)::uuid
$$;

-- A reader begins a round: the first of a condition, or a further one after one that was not passed. Answers whether it began one: not where one is under way, or was passed.
CREATE OR REPLACE FUNCTION nw.begin_practice(condition text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE mine uuid[];
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'reader' THEN RETURN false; END IF;
  -- Of one reader's rounds one is begun at a time.
  PERFORM nw.hold_reader();
  mine := ARRAY(SELECT nw.my_memberships());
  IF EXISTS (SELECT FROM nw.practice_tally(mine) t WHERE t.condition_key = condition AND (t.passed OR t.done < t.total)) THEN RETURN false; END IF;
  INSERT INTO practice_round (study_id, membership_id, protocol_version_id, condition_key, shows, number, set_number, pass_mark)
  SELECT nw.study_id(), nw.membership_id(), a.protocol_version_id, a.condition_key, a.shows,
         1 + (SELECT count(*) FROM practice_round r WHERE r.membership_id = ANY (mine) AND r.condition_key = condition), n.set_number, a.pass_mark
    FROM nw.practice_asked(nw.study_id()) a CROSS JOIN nw.newest_practice(nw.study_id()) n WHERE a.condition_key = condition;
  RETURN FOUND;
END $$;
GRANT EXECUTE ON FUNCTION nw.begin_practice(text) TO nw_reader;

-- A practice case of the claim's reader in the newest round of a condition: the first without a read, or the last that was answered. As a case of the study in the same condition would be
-- shown (nw.case_at). Nobody may call it.
CREATE OR REPLACE FUNCTION nw.practice_case_at(condition text, answered boolean) RETURNS SETOF nw.shown_case LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.slot, r.id, k.place::int, k.total::int, r.condition_key, r.shows, i.crops, d.rendering, z.mm, r.protocol_version_id,
         nw.hash_shown(k.slot, i.hashes, r.condition_key, z.mm, r.protocol_version_id, d.rendering)
    FROM (SELECT r.* FROM practice_round r WHERE r.membership_id IN (SELECT nw.my_memberships()) AND r.condition_key = condition ORDER BY r.number DESC LIMIT 1) r
   CROSS JOIN LATERAL (
     SELECT n.* FROM (
       SELECT c.id, c.short_axis_mm, nw.practice_slot(r.id, c.id) AS slot, row_number() OVER (ORDER BY nw.practice_slot(r.id, c.id)) AS place, count(*) OVER () AS total
         FROM practice_case c WHERE c.study_id = r.study_id AND c.set_number = r.set_number) n
      WHERE answered = EXISTS (SELECT FROM practice_read p WHERE p.round_id = r.id AND p.case_id = n.id) ORDER BY CASE WHEN answered THEN -n.place ELSE n.place END LIMIT 1) k
   CROSS JOIN LATERAL (SELECT CASE WHEN 'size' = ANY (r.shows) THEN NULL ELSE 'canvas-300-cubic-30' END AS rendering) d
   CROSS JOIN LATERAL (SELECT CASE WHEN 'size' = ANY (r.shows) THEN k.short_axis_mm END AS mm) z
   CROSS JOIN LATERAL (
     SELECT jsonb_agg(jsonb_build_object('plane', g.plane, 'sha256', nw.name_at(k.slot, CASE WHEN d.rendering IS NULL THEN g.sha256 ELSE g.canvas_sha256 END)) ORDER BY g.ordinal) AS crops,
            string_agg(g.sha256 || '|' || g.plane, '|' ORDER BY g.ordinal) AS hashes
       FROM practice_image g WHERE g.case_id = k.id) i
   WHERE NOT nw.locked()
$$;

-- The practice case whose turn it is in a condition: none between two rounds.
CREATE OR REPLACE FUNCTION nw.practice_in_hand(condition text) RETURNS SETOF nw.shown_case LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM nw.practice_case_at($1, false)
$$;
GRANT EXECUTE ON FUNCTION nw.practice_in_hand(text) TO nw_reader;

-- The one answered last, for a reader who has not seen what it is: the page was reloaded, or the answer was lost on its way. What it is, nw.practice_answer tells.
CREATE OR REPLACE FUNCTION nw.practice_answered_last(condition text) RETURNS SETOF nw.shown_case LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM nw.practice_case_at($1, true)
$$;
GRANT EXECUTE ON FUNCTION nw.practice_answered_last(text) TO nw_reader;

-- Submits what the claim's reader says of the practice case in hand, once: the same key again answers 'already'. The answer to it comes to a later transaction (nw.practice_answer).
CREATE OR REPLACE FUNCTION nw.submit_practice(condition text, slot uuid, key uuid, criteria jsonb, rule_set text, proposed call, decided call, override_reason text,
  confidence int, active_ms int, rating float8, not_evaluable text)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  c nw.shown_case;
  taken uuid;
BEGIN
  PERFORM nw.hold_reader();
  IF EXISTS (SELECT FROM practice_read p JOIN practice_round r ON r.id = p.round_id
              WHERE p.idempotency_key = submit_practice.key AND r.membership_id IN (SELECT nw.my_memberships()) AND nw.practice_slot(r.id, p.case_id) = submit_practice.slot) THEN
    RETURN 'already';
  END IF;
  SELECT k.* INTO c FROM nw.practice_in_hand(submit_practice.condition) k WHERE k.slot_id = submit_practice.slot;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'This practice case is not the one in hand: it was answered before, or its round has ended. Nothing was saved.' USING ERRCODE = 'NW006', CONSTRAINT = 'practice_not_in_hand';
  END IF;
  PERFORM nw.check_answer(c, submit_practice.criteria, submit_practice.rule_set, submit_practice.proposed, submit_practice.decided, nullif(trim(submit_practice.override_reason), ''),
    submit_practice.confidence, submit_practice.active_ms, submit_practice.rating, nullif(trim(submit_practice.not_evaluable), ''));
  INSERT INTO practice_read (study_id, round_id, case_id, criteria, rule_set_key, proposed_call, call, override_reason, confidence, rating, not_evaluable, active_ms, idempotency_key)
  SELECT k.study_id, r.id, k.id, submit_practice.criteria, submit_practice.rule_set, submit_practice.proposed, submit_practice.decided,
         nullif(trim(submit_practice.override_reason), ''), submit_practice.confidence, submit_practice.rating, nullif(trim(submit_practice.not_evaluable), ''),
         submit_practice.active_ms, submit_practice.key
    FROM practice_round r JOIN practice_case k ON k.study_id = r.study_id AND k.set_number = r.set_number
   WHERE r.id = c.list_id AND nw.practice_slot(r.id, k.id) = submit_practice.slot
  RETURNING round_id INTO taken;
  PERFORM nw.note_deed('practice.ended', 'reader', m.reader_code, NULL, jsonb_build_object('condition', r.condition_key, 'round', r.number, 'correct', e.correct, 'cases', e.total))
     FROM practice_round r JOIN membership m ON m.id = nw.membership_id()
    CROSS JOIN LATERAL (SELECT count(*) AS total, count(p.id) AS done, count(*) FILTER (WHERE p.call = k.truth) AS correct
                          FROM practice_case k LEFT JOIN practice_read p ON p.case_id = k.id AND p.round_id = r.id WHERE k.study_id = r.study_id AND k.set_number = r.set_number) e
    WHERE r.id = taken AND e.done = e.total;
  RETURN 'accepted';
END $$;
GRANT EXECUTE ON FUNCTION nw.submit_practice(text, uuid, uuid, jsonb, text, call, call, text, int, int, float8, text) TO nw_reader;

-- What a practice case is, to the reader who has answered it: in a later transaction, once the answer is on disk. One that could still be rolled back and given otherwise would be told the
-- truth for nothing.
CREATE OR REPLACE FUNCTION nw.practice_answer(slot uuid) RETURNS TABLE (criteria jsonb, truth call, decided call, explanation text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.criteria, k.truth, p.call, k.explanation
    FROM nw.settled() CROSS JOIN practice_round r JOIN practice_read p ON p.round_id = r.id JOIN practice_case k ON k.id = p.case_id
   WHERE r.membership_id IN (SELECT nw.my_memberships()) AND nw.practice_slot(r.id, k.id) = practice_answer.slot
     AND p.transaction IS DISTINCT FROM txid_current_if_assigned()
$$;
GRANT EXECUTE ON FUNCTION nw.practice_answer(uuid) TO nw_reader;

-- How each reader stands, for whoever follows the reading: in which round it was passed and with how many right, or how many rounds there were; never a call.
CREATE OR REPLACE FUNCTION nw.practice_progress() RETURNS TABLE (reader_code text, condition_key text, rounds int, passed_round int, correct int, total int, begun boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.reader_code, a.condition_key, (SELECT count(*)::int FROM nw.practice_tally(o.ids) t WHERE t.condition_key = a.condition_key), p.number, p.correct, p.total,
         nw.has_begun(o.ids, a.condition_key)
    FROM (SELECT m.reader_code, array_agg(m.id) AS ids FROM membership m WHERE m.study_id = nw.study_id() AND m.role = 'reader'
           GROUP BY m.person_id, m.reader_code HAVING bool_or(m.ended_at IS NULL)) o
   CROSS JOIN nw.practice_asked(nw.study_id()) a
    LEFT JOIN LATERAL (SELECT t.* FROM nw.practice_tally(o.ids) t WHERE t.condition_key = a.condition_key AND t.passed ORDER BY t.number LIMIT 1) p ON true
   WHERE nw.claim(1) IN ('principal_investigator', 'coordinator', 'monitor') ORDER BY o.reader_code, a.place
$$;
GRANT EXECUTE ON FUNCTION nw.practice_progress() TO nw_principal_investigator, nw_coordinator, nw_monitor;

-- How many practice cases there are, for the same.
CREATE OR REPLACE FUNCTION nw.practice_size() RETURNS int LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce((SELECT n.cases FROM nw.newest_practice(nw.study_id()) n), 0) WHERE nw.claim(1) IN ('principal_investigator', 'coordinator', 'monitor')
$$;
GRANT EXECUTE ON FUNCTION nw.practice_size() TO nw_principal_investigator, nw_coordinator, nw_monitor;

-- No pixels are those of a practice case and of an image of the study: its readers would have been told what it is. (After the row's policy. Whoever brings the one waits for whoever brings the other.)
CREATE OR REPLACE FUNCTION nw.refuse_practised_picture() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM nw.take_lock('pictures of a study', a.study_id::text) FROM (SELECT DISTINCT study_id FROM added ORDER BY study_id) a;
  IF EXISTS (SELECT FROM added a JOIN practice_image p ON p.study_id = a.study_id AND p.pixel_sha256 = a.pixel_sha256
               JOIN crop c ON c.study_id = a.study_id AND c.pixel_sha256 = a.pixel_sha256) THEN
    RAISE EXCEPTION 'This picture is an image of the study and a practice case: readers are told what a practice case is, and cannot read it blinded. Nothing was saved.'
      USING ERRCODE = 'NW004', CONSTRAINT = 'picture_is_practised';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_practised_picture AFTER INSERT ON crop REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_practised_picture();
CREATE TRIGGER refuse_practised_picture AFTER INSERT ON practice_image REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_practised_picture();
