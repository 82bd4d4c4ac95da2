-- The only ways in which a reader works: readers have no grant on any table of images, sizes, reads, truth or scores.

-- A case as its reader gets it; `crops`: [{plane, sha256}] from left to right, the file as nw.name_at() has it. `rendering`: the name under which the server knows how the images were drawn anew;
-- null: they are shown as they came.
CREATE TYPE nw.shown_case AS (slot_id uuid, list_id uuid, "position" int, total int, condition_key text, shows text[], crops jsonb, rendering text,
  short_axis_mm numeric, protocol_version_id uuid, shown_sha256 text);

-- The memberships of the claim's reader: whoever left and returns goes on under the same code. (That the claim's is of its person and study, nw.claim has looked.) Nobody may call it.
CREATE OR REPLACE FUNCTION nw.my_memberships() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.id FROM membership now JOIN membership m ON m.study_id = now.study_id AND m.person_id = now.person_id AND m.reader_code = now.reader_code
   WHERE now.id = nw.membership_id() AND nw.claim(1) = 'reader'
$$;

-- The lists of one reader (of whom `members` are the memberships): how far each is and when it opens. Lists are read in the order of the protocol in force, whatever that was when they were
-- drawn; of conditions that it has no more, those that hide come first and those that show last. And whatever it says: a list that shows more waits for each that
-- hides it, unless that was drawn to be read after it. The wash-out is the longer one of the protocol that it was drawn by and of that in force. It counts from what was read in
-- other conditions, of a list before it or of any that has a case of it, here or elsewhere (imported); of a list that was begun and not read to its end, from when what
-- was left was closed or left the study, or, as long as this one is not begun, from when it took its place before that: until then its reader could look, again and again, at the case in hand and at the one read last. (A day of it is 24 hours, also where clocks change.) Only what an earlier transaction read counts: one that reads, looks at what comes next and is then rolled
-- back would leave no trace. A list that could be read waits until the practice of its condition is passed (reading_practice.sql). Nobody may call it.
CREATE OR REPLACE FUNCTION nw.lists_of(members uuid[], code text) RETURNS TABLE (list_id uuid, condition_key text, condition_ordinal int, batch int, shows text[],
  wash_out_days numeric, total int, done int, opens_at timestamptz, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  -- What is asked for stands apart, so that one plan is as good for everybody and is kept; and what is asked of others is asked once.
  WITH whose AS MATERIALIZED (SELECT members AS ids, code AS reader, nw.study_id() AS study), own AS MATERIALIZED (
    SELECT l.* FROM reading_list l WHERE l.membership_id IN (SELECT unnest(ids) FROM whose)
  ), now_in_force AS MATERIALIZED (SELECT s.protocol_version_id AS id FROM study s WHERE s.id = (SELECT study FROM whose)
  ), conditions AS MATERIALIZED (
    -- As nw.conditions_of has them.
    SELECT v.id AS version, c.value ->> 'key' AS key, c.place, (c.value ->> 'washOutDays')::numeric AS wash_out_days
      FROM protocol_version v CROSS JOIN LATERAL jsonb_array_elements(v.document -> 'conditions') WITH ORDINALITY c (value, place)
     WHERE v.id IN (SELECT o.protocol_version_id FROM own o UNION SELECT id FROM now_in_force)
  ), in_force AS MATERIALIZED (SELECT * FROM conditions WHERE version = (SELECT id FROM now_in_force)
  ), drawn AS MATERIALIZED (
    SELECT l.id, l.study_id, l.membership_id, l.protocol_version_id, l.condition_key, l.batch, l.shows, greatest(l.wash_out_days, f.wash_out_days) AS wash_out_days,
           coalesce(f.place - 1, l.condition_ordinal + CASE l.shows WHEN '{}' THEN -1000000 ELSE 1000000 END)::int AS turn,
           (SELECT count(*)::int FROM nw.due_slot s WHERE s.list_id = l.id) AS total, l.drawn_at,
           p.done, p.last_submitted
      FROM own l LEFT JOIN in_force f ON f.key = l.condition_key
     CROSS JOIN LATERAL (SELECT count(*)::int AS done, max(p.submitted_at) AS last_submitted FROM reading_progress p
                          WHERE p.list_id = l.id AND p.transaction IS DISTINCT FROM txid_current_if_assigned()) p
  ), mine AS MATERIALIZED (
    SELECT d.*, greatest(d.last_submitted, CASE WHEN d.total < (SELECT s.position FROM reading_slot s WHERE s.list_id = d.id ORDER BY s.list_id DESC, s.position DESC LIMIT 1) THEN (
             SELECT max(least(c.closed_at, x.excluded_at, w.recorded_at)) FROM reading_slot s JOIN reading_case k ON k.id = s.case_id JOIN node n ON n.id = k.node_id
               LEFT JOIN reading_closure c ON c.list_id = s.list_id LEFT JOIN node_exclusion x ON x.node_id = n.id
               LEFT JOIN consent_withdrawal w ON w.subject_id = n.subject_id AND w.scope <> 'keep'
              WHERE s.list_id = d.id AND NOT EXISTS (SELECT FROM reading_progress p WHERE p.slot_id = s.id OFFSET 0)
                AND EXISTS (SELECT FROM reading_slot o JOIN reading_view v ON v.slot_id = o.id WHERE o.list_id = d.id)) END) AS last_seen
      FROM drawn d
  ), elsewhere AS MATERIALIZED (
    SELECT r.condition_key, coalesce(f.place - 1, -1) AS turn, r.case_id, r.submitted_at FROM read r LEFT JOIN in_force f ON f.key = r.condition_key
     WHERE r.study_id = (SELECT study FROM whose) AND r.slot_id IS NULL
       AND r.reader_code = (SELECT reader FROM whose)
       AND EXISTS (SELECT FROM mine m WHERE m.wash_out_days > 0 AND m.done < m.total)
  ), hiding AS MATERIALIZED (
    SELECT h.id, m.id AS from_list FROM mine h JOIN mine m ON NOT m.shows <@ h.shows
     WHERE NOT EXISTS (SELECT FROM conditions own JOIN conditions e ON e.version = own.version AND e.place < own.place
                        WHERE own.version = h.protocol_version_id AND own.key = h.condition_key AND e.key = m.condition_key)
  ), earlier AS MATERIALIZED (
    SELECT e.id, e.done < e.total AS waits, e.last_seen, m.id AS than FROM mine e JOIN mine m ON e.turn < m.turn
     WHERE (m.id, e.id) NOT IN (SELECT h.id, h.from_list FROM hiding h)
    UNION
    SELECT e.id, e.done < e.total, e.last_seen, h.from_list FROM hiding h JOIN mine e ON e.id = h.id
  ), plan AS (
    SELECT max(e.at) AS changed_at FROM audit_event e WHERE e.study_id = (SELECT study FROM whose) AND e.action = 'study.protocol_changed'
  ), locked AS MATERIALIZED (SELECT nw.locked() AS is_locked
  ), dated AS (
    SELECT m.*, NOT EXISTS (SELECT FROM earlier e WHERE e.than = m.id AND e.waits) AS earlier_done,
           greatest((SELECT max(e.last_seen) FROM earlier e WHERE e.than = m.id),
             (SELECT max(greatest(o.last_seen, CASE WHEN o.done < o.total AND m.done = 0 AND (m.turn < o.turn OR (m.id, o.id) IN (SELECT h.id, h.from_list FROM hiding h)) THEN greatest(m.drawn_at, (SELECT changed_at FROM plan)) END))
                FROM mine o WHERE o.condition_key <> m.condition_key AND m.wash_out_days > 0 AND m.done < m.total AND EXISTS (
                  SELECT FROM reading_slot r JOIN reading_slot s ON s.case_id = r.case_id AND s.list_id = m.id WHERE r.list_id = o.id
                     AND (EXISTS (SELECT FROM reading_progress p WHERE p.slot_id = r.id AND p.transaction IS DISTINCT FROM txid_current_if_assigned() OFFSET 0)
                       OR EXISTS (SELECT FROM reading_view v WHERE v.slot_id = r.id AND v.transaction IS DISTINCT FROM txid_current_if_assigned() OFFSET 0)))),
             (SELECT max(o.submitted_at) FROM elsewhere o WHERE o.condition_key <> m.condition_key AND m.wash_out_days > 0 AND m.done < m.total
                 AND (o.turn < m.turn OR EXISTS (SELECT FROM reading_slot s WHERE s.list_id = m.id AND s.case_id = o.case_id))))
           + m.wash_out_days * interval '24 hours' AS opens_at
      FROM mine m
  )
  SELECT id, condition_key, turn, batch, shows, wash_out_days, total, done, CASE WHEN earlier_done THEN opens_at END,
         CASE WHEN done >= total THEN 'complete' WHEN (SELECT is_locked FROM locked) THEN 'closed' WHEN NOT earlier_done THEN 'waiting'
              WHEN coalesce(opens_at, '-infinity') > now() AND NOT EXISTS (SELECT FROM wash_out_override o WHERE o.list_id = dated.id AND o.opens_at >= dated.opens_at) THEN 'wash-out'
              WHEN condition_key IN (SELECT nw.practice_first((SELECT ids FROM whose))) THEN 'practice' ELSE 'open' END
    FROM dated ORDER BY turn, batch, id
$$;

-- What a reader knows of the own schedule.
CREATE OR REPLACE FUNCTION nw.my_lists() RETURNS TABLE (list_id uuid, condition_key text, condition_ordinal int, batch int, shows text[],
  wash_out_days numeric, total int, done int, opens_at timestamptz, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT l.* FROM (SELECT array_agg(m.id) AS ids, min(m.reader_code) AS code FROM membership m WHERE m.id IN (SELECT nw.my_memberships())) w
   CROSS JOIN LATERAL nw.lists_of(w.ids, w.code) l WHERE w.ids IS NOT NULL AND nw.claim(1) = 'reader'
$$;
GRANT EXECUTE ON FUNCTION nw.my_lists() TO nw_reader;

-- What whoever follows the readers knows of each list: whether it can be read now, when it opens, and since when its reader, who may have left, has read nothing, practice included. Nothing of a case.
CREATE OR REPLACE FUNCTION nw.list_states() RETURNS TABLE (list_id uuid, opens_at timestamptz, wash_out_days numeric, state text, last_read_at timestamptz, has_left boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT l.list_id, l.opens_at, l.wash_out_days, l.state, a.last_read_at, r.has_left
    FROM (SELECT array_agg(m.id) AS members, m.reader_code, bool_and(m.ended_at IS NOT NULL) AS has_left FROM membership m
           WHERE m.study_id = nw.study_id() AND m.role = 'reader' GROUP BY m.person_id, m.reader_code) r
   CROSS JOIN LATERAL nw.lists_of(r.members, r.reader_code) l
   CROSS JOIN LATERAL (
     SELECT greatest((SELECT max(p.submitted_at) FROM reading_progress p JOIN reading_list o ON o.id = p.list_id WHERE o.membership_id = ANY (r.members)),
                     (SELECT max(p.submitted_at) FROM practice_read p JOIN practice_round o ON o.id = p.round_id WHERE o.membership_id = ANY (r.members))) AS last_read_at) a
   WHERE nw.claim(1) IN ('coordinator', 'principal_investigator', 'monitor')
$$;
GRANT EXECUTE ON FUNCTION nw.list_states() TO nw_coordinator, nw_principal_investigator, nw_monitor;

-- The place in the first open list whose turn it is after what earlier transactions read, and the one read last in that list, unless its node has left the
-- study, or its read was simulated, which nobody corrects. (Of a list alone: a plan of when little was read would look through all reads later.)
-- Nobody may call it.
CREATE OR REPLACE FUNCTION nw.my_turn() RETURNS TABLE (next_slot uuid, last_slot uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT (SELECT s.id FROM nw.due_slot s WHERE s.list_id = l.list_id
             AND NOT EXISTS (SELECT FROM reading_progress p WHERE p.slot_id = s.id AND p.list_id = l.list_id AND p.transaction IS DISTINCT FROM txid_current_if_assigned())
           ORDER BY s.position LIMIT 1),
         (SELECT s.id FROM (SELECT s.* FROM reading_slot s JOIN reading_progress p ON p.slot_id = s.id AND p.list_id = l.list_id WHERE s.list_id = l.list_id ORDER BY s.position DESC LIMIT 1) s
           CROSS JOIN LATERAL (SELECT r.source FROM read r WHERE r.slot_id = s.id AND r.supersedes IS NULL OFFSET 0) r
            JOIN reading_case k ON k.id = s.case_id WHERE r.source = 'reader' AND EXISTS (SELECT FROM nw.studied_node n WHERE n.id = k.node_id OFFSET 0))
    FROM nw.my_lists() l WHERE l.state = 'open' ORDER BY l.condition_ordinal, l.batch, l.list_id LIMIT 1
$$;

-- The hash of what is shown: over place, hash and plane of each image, condition, size or "hidden", protocol version and, where there is one, rendering.
-- Nobody may call it.
CREATE OR REPLACE FUNCTION nw.hash_shown(slot uuid, images text, condition text, mm numeric, protocol_version uuid, rendering text) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT encode(sha256(convert_to(concat_ws('|', $1, $2, $3, coalesce($4::text, 'hidden'), $5, $6), 'UTF8')), 'hex')
$$;

-- The file of an image under a name that it has at this place alone, for the server to find (`server/services/reading/file-at.ts`): a list can have a case twice, of which its reader is told
-- nothing. AES under a key made of the secret of the claims, from the place on. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.name_at(slot uuid, sha256 text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT encode(nw_private.encrypt_iv(decode($2, 'hex'), nw_private.hmac('name of a file', s.value, 'sha256'), uuid_send($1), 'aes-cbc/pad:none'), 'hex') FROM nw_private.secret s
$$;

-- What is shown at a place of the schedule. The size is there only in a list that shows it; in another the images are all drawn on one canvas, because the
-- pixels of a crop tell its size, and handed out as they were stored so: the file is null where it is not drawn yet. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.case_at(slot uuid) RETURNS nw.shown_case LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, l.id, o.position, o.total, l.condition_key, l.shows, i.crops, d.rendering, z.mm,
         l.protocol_version_id,
         nw.hash_shown(s.id, i.hashes, l.condition_key, z.mm, l.protocol_version_id, d.rendering)
    FROM reading_slot s JOIN reading_list l ON l.id = s.list_id JOIN reading_case k ON k.id = s.case_id
   CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE d.position <= s.position)::int AS position, count(*)::int AS total FROM nw.due_slot d WHERE d.list_id = l.id) o
   CROSS JOIN LATERAL (SELECT CASE WHEN 'size' = ANY (l.shows) THEN NULL ELSE 'canvas-300-cubic-30' END AS rendering) d
   CROSS JOIN LATERAL (
     SELECT jsonb_agg(jsonb_build_object('plane', c.plane, 'sha256', nw.name_at(s.id, CASE WHEN d.rendering IS NULL THEN c.sha256 ELSE w.sha256 END)) ORDER BY o.ordinal) AS crops,
            string_agg(c.sha256 || '|' || c.plane, '|' ORDER BY o.ordinal) AS hashes
       FROM case_crop o JOIN crop c ON c.id = o.crop_id LEFT JOIN crop_canvas w ON w.crop_id = c.id AND w.rendering = d.rendering WHERE o.case_id = k.id) i
   CROSS JOIN LATERAL (SELECT CASE WHEN 'size' = ANY (l.shows) THEN (SELECT v.short_axis_mm FROM nw.current_size v WHERE v.node_id = k.node_id) END AS mm OFFSET 0) z
   WHERE s.id = case_at.slot
$$;

-- How a place was shown last, unless it was read since. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.last_view(slot uuid) RETURNS SETOF reading_view LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT v.* FROM (SELECT * FROM reading_view v WHERE v.slot_id = last_view.slot ORDER BY v.showing DESC LIMIT 1) v
   WHERE NOT EXISTS (SELECT FROM read r WHERE r.slot_id = v.slot_id AND r.submitted_at >= v.first_shown_at OFFSET 0)
$$;

-- Whether the list of a place was closed, also since this transaction began: whoever closes waits for the read in hand, and it for whoever closes. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.is_closed(slot uuid) RETURNS boolean LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM reading_slot s JOIN reading_closure c ON c.list_id = s.list_id WHERE s.id = $1)
$$;

-- A place as it was last shown, as long as it would be shown just so now, and after what was read of it. A view counts once its transaction has ended: what was handed
-- out before could be looked at and rolled back without a trace. (The number is that of the whole transaction, savepoints and blocks included.) `settled`: the showing that is on disk
-- (nw.settled_view). Nobody may call it.
CREATE OR REPLACE FUNCTION nw.as_shown(slot uuid, settled int DEFAULT NULL) RETURNS SETOF nw.shown_case LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.* FROM nw.last_view(as_shown.slot) v CROSS JOIN LATERAL nw.case_at(v.slot_id) k
   WHERE (v.showing = as_shown.settled OR nw.settled())
     AND k.shown_sha256 = v.shown_sha256 AND v.transaction IS DISTINCT FROM txid_current_if_assigned() AND NOT nw.is_closed(v.slot_id)
$$;

-- The last showing of a place that an earlier transaction noted, once it is on disk: asked before a transaction writes itself and holds its reader, it keeps nobody else waiting. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.settled_view(slot uuid) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE showing int := CASE WHEN nw.claim(1) = 'reader' THEN (SELECT v.showing FROM nw.last_view(settled_view.slot) v WHERE v.transaction IS DISTINCT FROM txid_current_if_assigned()) END;
BEGIN
  IF showing IS NOT NULL THEN PERFORM nw.settled(); END IF;
  RETURN showing;
END $$;

-- A case of the claim's reader as it is in hand: the one being read, or read last.
CREATE OR REPLACE FUNCTION nw.case_in_hand(slot uuid) RETURNS SETOF nw.shown_case LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.* FROM nw.my_turn() t CROSS JOIN LATERAL nw.as_shown(case_in_hand.slot) k WHERE case_in_hand.slot IN (t.next_slot, t.last_slot)
$$;
GRANT EXECUTE ON FUNCTION nw.case_in_hand(uuid) TO nw_reader;

-- Notes a case as shown, unless it was shown last just so. In the trail the first showing stands, and the first since a read of it: by another one whoever changed a size meanwhile would know which
-- place is whose. (Each is in `reading_view`.) The hash stays with the view: in the trail, whoever sees crops would try out which was shown, and have
-- the reader's order before the lock. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.note_shown(c nw.shown_case, action text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE before text := (SELECT v.shown_sha256 FROM nw.last_view(c.slot_id) v);
BEGIN
  IF before = c.shown_sha256 THEN RETURN; END IF;
  INSERT INTO reading_view (slot_id, study_id, showing, shown_sha256, rendering)
  SELECT c.slot_id, nw.study_id(), 1 + count(*), c.shown_sha256, c.rendering FROM reading_view v WHERE v.slot_id = c.slot_id ON CONFLICT (slot_id, showing) DO NOTHING;
  IF FOUND AND before IS NULL THEN
    PERFORM nw.note_deed(action, 'reading_slot', c.slot_id::text, NULL, jsonb_build_object('condition', c.condition_key));
  END IF;
END $$;

-- What was shown is what a read of its place is of: with its hash the read is kept. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.hold_case(slot uuid, settled int DEFAULT NULL) RETURNS nw.shown_case LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c nw.shown_case;
BEGIN
  SELECT k.* INTO c FROM nw.as_shown(slot, settled) k;
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
  IF nw.claim(1) IS DISTINCT FROM 'reader' THEN RETURN false; END IF;
  -- No schedule is drawn meanwhile that would call what is shown now unseen (nw.draw_list).
  PERFORM FROM membership WHERE id = nw.membership_id() FOR NO KEY UPDATE;
  slot := (SELECT CASE turn WHEN 'current' THEN t.next_slot WHEN 'previous' THEN t.last_slot END FROM nw.my_turn() t);
  IF slot IS NULL THEN RETURN false; END IF;
  IF nw.display_check_due() IS NOT NULL THEN
    RAISE EXCEPTION 'The screen is looked at before cases are opened: load the page again.' USING ERRCODE = 'NW006', CONSTRAINT = 'display_check_due';
  END IF;
  PERFORM nw.note_shown(nw.case_at(slot), CASE turn WHEN 'current' THEN 'case.shown' ELSE 'case.shown_again' END);
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION nw.open_case(text) TO nw_reader;

-- The only ways in which a reader gets at a case, once it was asked for: the one whose turn it is, and the one read last as it would be shown now, without
-- what was read.
CREATE OR REPLACE FUNCTION nw.current_case() RETURNS SETOF nw.shown_case LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.* FROM nw.my_turn() t, nw.as_shown(t.next_slot) k WHERE nw.display_check_due() IS NULL
$$;
CREATE OR REPLACE FUNCTION nw.previous_case() RETURNS SETOF nw.shown_case LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.* FROM nw.my_turn() t, nw.as_shown(t.last_slot) k WHERE nw.display_check_due() IS NULL
$$;
GRANT EXECUTE ON FUNCTION nw.current_case(), nw.previous_case() TO nw_reader;

-- What comes after a place in its list, as it would be shown now, for the server alone: it seals it before it hands it out, and gives the key once it was noted as shown
-- (`server/services/reading/case-ahead.ts`). `longest`: the letters of that case of the list that has most of them, base64 of each
-- image and 1,024 for its plane, width and height; what is sealed is filled up to it.
CREATE OR REPLACE FUNCTION nw.case_ahead(slot uuid) RETURNS TABLE (shown nw.shown_case, longest int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1 AS $$
  SELECT k, b.longest
    FROM reading_slot s JOIN reading_list l ON l.id = s.list_id
    JOIN LATERAL (SELECT d.id FROM nw.unread_slot d WHERE d.list_id = l.id AND d.position > s.position ORDER BY d.position LIMIT 1) n ON true
   CROSS JOIN LATERAL nw.case_at(n.id) k
   CROSS JOIN LATERAL (
     SELECT max(c.letters)::int AS longest FROM (
       SELECT sum(4 * ((f.bytes + 2) / 3) + 1024) AS letters FROM reading_slot e JOIN case_crop o ON o.case_id = e.case_id JOIN crop c ON c.id = o.crop_id
         LEFT JOIN crop_canvas w ON w.crop_id = c.id AND w.rendering = k.rendering
         LEFT JOIN stored_object f ON f.study_id = e.study_id AND f.sha256 = CASE WHEN k.rendering IS NULL THEN c.sha256 ELSE w.sha256 END
        WHERE e.list_id = l.id GROUP BY e.id) c) b
   WHERE s.id = case_ahead.slot AND nw.claim(1) = 'sealer' AND l.study_id = nw.study_id()
$$;
GRANT EXECUTE ON FUNCTION nw.case_ahead(uuid) TO nw_sealer;

-- The code under which the claim's person reads in this study; of one reader's reads one is taken at a time. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.hold_reader() RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE code text;
BEGIN
  SELECT reader_code INTO code FROM membership WHERE id = nw.membership_id() AND role = 'reader' AND ended_at IS NULL AND nw.claim(1) = 'reader' FOR UPDATE;
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

-- A case whose node was taken out of the study while it was open, or whose subject withdrew: no read of it is taken. Told of a case in hand alone: of others it would say which of
-- those that were read has left, also of one that was shown again before a later one was read. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.refuse_left_case(slot uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- As a rule, and by its keys.
  IF EXISTS (SELECT FROM reading_slot s JOIN reading_case k ON k.id = s.case_id
              WHERE s.id = refuse_left_case.slot AND EXISTS (SELECT FROM nw.studied_node n WHERE n.id = k.node_id OFFSET 0)) THEN RETURN; END IF;
  IF EXISTS (SELECT FROM nw.last_view(refuse_left_case.slot) v JOIN reading_slot s ON s.id = v.slot_id JOIN reading_list l ON l.id = s.list_id JOIN reading_case k ON k.id = s.case_id
              WHERE v.transaction IS DISTINCT FROM txid_current_if_assigned() AND l.membership_id IN (SELECT nw.my_memberships())
                AND NOT EXISTS (SELECT FROM reading_progress p JOIN reading_slot later ON later.id = p.slot_id WHERE p.list_id = l.id AND later.position > s.position)
                AND NOT EXISTS (SELECT FROM nw.studied_node n WHERE n.id = k.node_id)) THEN
    RAISE EXCEPTION 'This case has been taken out of the study meanwhile: it is read no more. Nothing was saved.'
      USING ERRCODE = 'NW006', CONSTRAINT = 'case_left_study';
  END IF;
END $$;

-- The case whose turn it is, as it was shown: what is submitted is a read of it and of no other. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.hold_turn(slot uuid, settled int) RETURNS nw.shown_case LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM nw.refuse_left_case(slot);
  IF NOT EXISTS (SELECT FROM nw.my_turn() t WHERE t.next_slot = slot) OR nw.is_closed(slot) THEN
    RAISE EXCEPTION 'This case is not the one being read: it was submitted before, or its list is not open.'
      USING ERRCODE = 'NW006', CONSTRAINT = 'not_the_case_being_read';
  END IF;
  RETURN nw.hold_case(slot, settled);
END $$;

-- Stores a read that was checked, and asks for the next case of its list by the way. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.store_read(c nw.shown_case, code text, key uuid, criteria jsonb, rule_set text, proposed call, decided call, override_reason text,
  confidence int, active_ms int, rating float8, not_evaluable text, display jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO read (study_id, case_id, reader_code, condition_key, occasion, slot_id, criteria, rule_set_key, proposed_call, call, override_reason,
                    confidence, active_ms, rating, not_evaluable, display, shown_sha256, protocol_version_id, source, idempotency_key)
  SELECT s.study_id, s.case_id, store_read.code, c.condition_key, s.occasion, s.id, store_read.criteria, store_read.rule_set, store_read.proposed,
         store_read.decided, store_read.override_reason, store_read.confidence, store_read.active_ms, store_read.rating,
         store_read.not_evaluable, store_read.display, c.shown_sha256, c.protocol_version_id, 'reader', store_read.key
    FROM reading_slot s WHERE s.id = c.slot_id;
  PERFORM nw.note_deed('read.submitted', 'reading_slot', c.slot_id::text, NULL, jsonb_build_object('condition', c.condition_key));
  PERFORM nw.note_shown(nw.case_at(n.id), 'case.shown') FROM (
    SELECT d.id FROM nw.due_slot d JOIN reading_slot s ON s.list_id = d.list_id AND s.position < d.position
     WHERE s.id = c.slot_id ORDER BY d.position LIMIT 1) n
   WHERE nw.display_check_due() IS NULL;
END $$;

-- Submits the read of the current case, once: the same idempotency key again answers 'already', a slot that is not the current one is refused.
CREATE OR REPLACE FUNCTION nw.submit_read(slot uuid, key uuid, criteria jsonb, rule_set text, proposed call, decided call, override_reason text,
  confidence int, active_ms int, rating float8 DEFAULT NULL, not_evaluable text DEFAULT NULL, display jsonb DEFAULT NULL)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  settled int := nw.settled_view(slot);
  code text := nw.hold_reader();
  c nw.shown_case;
BEGIN
  IF nw.is_stored(slot, key) THEN RETURN 'already'; END IF;
  c := nw.hold_turn(slot, settled);
  PERFORM nw.check_answer(c, criteria, rule_set, proposed, decided, nullif(trim(override_reason), ''), confidence, active_ms, rating, nullif(trim(not_evaluable), ''));
  PERFORM nw.store_read(c, code, key, criteria, rule_set, proposed, decided, nullif(trim(override_reason), ''), confidence, active_ms, rating,
    nullif(trim(not_evaluable), ''), display);
  RETURN 'accepted';
END $$;
GRANT EXECUTE ON FUNCTION nw.submit_read(uuid, uuid, jsonb, text, call, call, text, int, int, float8, text, jsonb) TO nw_reader;

-- The same for the read as its reader sent it, in one statement, with all that follows from the form: criteria that were not ticked, the call that a rating is, what the rule set
-- proposes; of a case that was not evaluable the reason alone. `outcome`: 'accepted', 'already', or 'incomplete' of what is no answer to the form, of which nothing is stored
-- (`server/services/reading/check-read.ts` says in words what is missing). `done`: as nw.list_done says.
CREATE OR REPLACE FUNCTION nw.submit_answer(slot uuid, key uuid, criteria jsonb, decided call, override_reason text, confidence int, active_ms int, rating float8,
  not_evaluable text, display jsonb, OUT outcome text, OUT done boolean) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  settled int := nw.settled_view(slot);
  code text := nw.hold_reader();
  c nw.shown_case;
  form jsonb;
  rules jsonb;
  nothing jsonb;
  proposed call;
BEGIN
  IF nw.is_stored(slot, key) THEN
    outcome := 'already';
    done := nw.list_done(slot);
    RETURN;
  END IF;
  c := nw.hold_turn(slot, settled);
  SELECT v.document -> 'form', (SELECT r FROM jsonb_array_elements(v.document -> 'ruleSets') r WHERE r ->> 'key' = v.document #>> '{form,ruleSet}') INTO form, rules
    FROM protocol_version v WHERE v.id = c.protocol_version_id;
  SELECT coalesce(jsonb_object_agg(k ->> 'key', false), '{}') INTO nothing FROM jsonb_array_elements(form -> 'criteria') k;
  outcome := 'incomplete';
  IF jsonb_typeof(criteria) IS DISTINCT FROM 'object' THEN RETURN; END IF;
  IF EXISTS (SELECT FROM jsonb_object_keys(criteria) k WHERE NOT nothing ? k) THEN RETURN; END IF;
  override_reason := nullif(trim(override_reason), '');
  not_evaluable := nullif(trim(not_evaluable), '');
  IF not_evaluable IS NULL THEN
    criteria := nothing || criteria;
    decided := coalesce(decided, CASE WHEN rating >= (form #>> '{rating,positiveFrom}')::float8 THEN 'positive'
                                      WHEN rating < (form #>> '{rating,positiveFrom}')::float8 THEN 'negative' END::call);
    proposed := nw.proposed_call(rules, (SELECT count(*) FROM jsonb_each(criteria) e WHERE e.value = 'true'), c.short_axis_mm);
    IF rules IS NULL THEN override_reason := NULL; END IF;
  ELSE
    criteria := '{}';
    rules := NULL;
    decided := NULL;
    override_reason := NULL;
    confidence := NULL;
    rating := NULL;
  END IF;
  IF nw.field_not_of_form(c, criteria, rules ->> 'key', proposed, decided, override_reason, confidence, active_ms, rating, not_evaluable) IS NOT NULL THEN RETURN; END IF;
  PERFORM nw.store_read(c, code, key, criteria, rules ->> 'key', proposed, decided, override_reason, confidence, active_ms, rating, not_evaluable, display);
  outcome := 'accepted';
  done := nw.list_done(slot);
END $$;
GRANT EXECUTE ON FUNCTION nw.submit_answer(uuid, uuid, jsonb, call, text, int, int, float8, text, jsonb) TO nw_reader;

-- Whether the own list of a place has nothing left, what this transaction read included, or another one has its turn meanwhile: that is opened by the reader, not by the way.
-- (What this transaction read had its turn, and no list is drawn meanwhile.)
CREATE OR REPLACE FUNCTION nw.list_done(slot uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE list uuid := (SELECT l.id FROM reading_slot s JOIN reading_list l ON l.id = s.list_id WHERE s.id = $1 AND l.membership_id IN (SELECT nw.my_memberships()));
BEGIN
  IF list IS NULL THEN RETURN false; END IF;
  IF NOT EXISTS (SELECT FROM nw.unread_slot u WHERE u.list_id = list) THEN RETURN true; END IF;
  IF EXISTS (SELECT FROM reading_progress p WHERE p.slot_id = $1 AND p.transaction = txid_current_if_assigned()) THEN RETURN false; END IF;
  RETURN EXISTS (SELECT FROM nw.my_turn() t JOIN reading_slot n ON n.id = t.next_slot WHERE n.list_id <> list);
END $$;
GRANT EXECUTE ON FUNCTION nw.list_done(uuid) TO nw_reader;

-- Corrects the read submitted last in the open list: a new read that supersedes it, with the reason; both stay. The same key again answers 'already'. The
-- reason may tell what was read, so it stands with the read and not in the trail, which is seen before the lock.
CREATE OR REPLACE FUNCTION nw.correct_read(slot uuid, key uuid, reason text, criteria jsonb, rule_set text, proposed call, decided call,
  override_reason text, confidence int, active_ms int, rating float8 DEFAULT NULL, not_evaluable text DEFAULT NULL, display jsonb DEFAULT NULL)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  code text := nw.hold_reader();
  c nw.shown_case;
BEGIN
  IF nw.is_stored(slot, key) THEN RETURN 'already'; END IF;
  PERFORM nw.refuse_left_case(slot);
  IF NOT EXISTS (SELECT FROM nw.my_turn() t WHERE t.last_slot = slot) OR nw.is_closed(slot) THEN
    RAISE EXCEPTION 'This read can no longer be corrected: another case was submitted after it, or its list is complete or closed.'
      USING ERRCODE = 'NW006', CONSTRAINT = 'correction_out_of_turn';
  END IF;
  c := nw.hold_case(slot);
  PERFORM nw.check_answer(c, correct_read.criteria, correct_read.rule_set, correct_read.proposed, correct_read.decided, nullif(trim(correct_read.override_reason), ''),
    correct_read.confidence, correct_read.active_ms, correct_read.rating, nullif(trim(correct_read.not_evaluable), ''), trim(correct_read.reason));
  INSERT INTO read (study_id, case_id, reader_code, condition_key, occasion, slot_id, criteria, rule_set_key, proposed_call, call, override_reason,
                    confidence, active_ms, rating, not_evaluable, display, shown_sha256, protocol_version_id, source, idempotency_key, supersedes, correction_reason)
  SELECT r.study_id, r.case_id, r.reader_code, r.condition_key, r.occasion, r.slot_id, correct_read.criteria, correct_read.rule_set, correct_read.proposed,
         correct_read.decided, nullif(trim(correct_read.override_reason), ''), correct_read.confidence, correct_read.active_ms, correct_read.rating,
         nullif(trim(correct_read.not_evaluable), ''), correct_read.display, c.shown_sha256, c.protocol_version_id, 'reader', correct_read.key, r.id, trim(correct_read.reason)
    FROM nw.current_read r WHERE r.slot_id = correct_read.slot AND r.reader_code = code;
  PERFORM nw.note_deed('read.corrected', 'reading_slot', slot::text, NULL, jsonb_build_object('condition', c.condition_key));
  RETURN 'accepted';
END $$;
GRANT EXECUTE ON FUNCTION nw.correct_read(uuid, uuid, text, jsonb, text, call, call, text, int, int, float8, text, jsonb) TO nw_reader;

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
  sharing jsonb;
BEGIN
  PERFORM nw.take_lock('reads of a reader', r.study_id || ' ' || r.reader_code)
    FROM (SELECT DISTINCT study_id, reader_code FROM added WHERE supersedes IS NULL ORDER BY study_id, reader_code) r;
  SELECT jsonb_agg(jsonb_build_object('mine', mine.case_id, 'other', other.case_id)) INTO sharing
    FROM (SELECT DISTINCT case_id FROM added WHERE supersedes IS NULL) a JOIN case_crop mine ON mine.case_id = a.case_id
    JOIN case_crop other ON other.crop_id = mine.crop_id AND other.case_id <> mine.case_id;
  IF sharing IS NOT NULL AND EXISTS (
    SELECT FROM jsonb_to_recordset(sharing) s (mine uuid, other uuid) JOIN added a ON a.case_id = s.mine AND a.supersedes IS NULL
      JOIN read r ON r.study_id = a.study_id AND r.reader_code = a.reader_code AND r.condition_key = a.condition_key AND r.occasion = a.occasion
       AND r.case_id = s.other AND r.supersedes IS NULL) THEN
    RAISE EXCEPTION 'This reader has read an image of this case in this condition before, in another case. Nothing was saved.'
      USING ERRCODE = 'NW004', CONSTRAINT = 'image_is_read';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_second_read AFTER INSERT ON read REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_second_read();

-- Reads go under the code of their reader as it is written in the roster: in other letters they would be somebody else's.
CREATE OR REPLACE FUNCTION nw.refuse_other_letters() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE written text;
BEGIN
  SELECT m.reader_code INTO written FROM (SELECT DISTINCT study_id, reader_code FROM added WHERE slot_id IS NULL) a
    JOIN membership m ON m.study_id = a.study_id AND lower(m.reader_code) = lower(a.reader_code) AND m.reader_code <> a.reader_code LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'In this study the code of this reader is written %. Nothing was saved; write it so.', written
      USING ERRCODE = 'NW004', CONSTRAINT = 'reader_code_as_in_roster', DETAIL = jsonb_build_object('code', written)::text;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_other_letters AFTER INSERT ON read REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_other_letters();

-- What a reader has in the schedule is read there: a read of it from elsewhere would be in the way of that. Nor is one taken that was shown more of what its reader has to
-- read yet. (After the row's policy.)
CREATE OR REPLACE FUNCTION nw.refuse_scheduled_read() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE late text;
BEGIN
  IF NOT EXISTS (SELECT FROM added WHERE slot_id IS NULL) THEN RETURN NULL; END IF;
  PERFORM nw.take_lock('reading schedule of a study', a.study_id::text) FROM (SELECT DISTINCT study_id FROM added WHERE slot_id IS NULL ORDER BY study_id) a;
  IF EXISTS (
    SELECT FROM added a JOIN case_crop mine ON mine.case_id = a.case_id
     CROSS JOIN LATERAL (SELECT k.case_id FROM case_crop k WHERE k.crop_id = mine.crop_id OFFSET 0) k
     CROSS JOIN LATERAL (SELECT s.* FROM reading_slot s WHERE s.case_id = k.case_id OFFSET 0) s
      JOIN reading_list l ON l.id = s.list_id AND l.condition_key = a.condition_key JOIN membership m ON m.id = l.membership_id AND m.reader_code = a.reader_code
     WHERE a.slot_id IS NULL AND a.supersedes IS NULL AND s.study_id = a.study_id AND s.occasion = a.occasion
       AND NOT EXISTS (SELECT FROM reading_progress p WHERE p.slot_id = s.id) AND NOT EXISTS (SELECT FROM reading_closure c WHERE c.list_id = s.list_id)) THEN
    RAISE EXCEPTION 'This reader has this case in the schedule and has not read it: it is read there, or that list is closed first. Nothing was saved.'
      USING ERRCODE = 'NW004', CONSTRAINT = 'read_is_scheduled';
  END IF;
  SELECT r.reader_code INTO late FROM (SELECT DISTINCT study_id, reader_code FROM added WHERE slot_id IS NULL AND supersedes IS NULL) r
   WHERE EXISTS (
     SELECT FROM membership m JOIN reading_list l ON l.membership_id = m.id CROSS JOIN LATERAL (SELECT s.* FROM reading_slot s WHERE s.list_id = l.id OFFSET 0) s
       JOIN reading_case k ON k.id = s.case_id
      WHERE m.study_id = r.study_id AND m.reader_code = r.reader_code AND NOT EXISTS (SELECT FROM reading_closure c WHERE c.list_id = l.id)
        AND NOT EXISTS (SELECT FROM reading_progress p WHERE p.slot_id = s.id)
        AND (k.node_id, l.condition_key) IN (SELECT t.node_id, t.condition_key FROM nw.too_late(r.study_id, r.reader_code) t)) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '% has cases left to read without what these reads were shown. Nothing was saved; let them be read, or close what is left, first.', late
      USING ERRCODE = 'NW004', CONSTRAINT = 'read_shown_more', DETAIL = jsonb_build_object('reader', late)::text;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_scheduled_read AFTER INSERT ON read REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_scheduled_read();

-- What a reader has left is closed as a whole: without the lists that hide, those that show would be next. Noted by the database, whoever closes.
CREATE OR REPLACE FUNCTION nw.note_closure() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM nw.take_lock('reading schedule of a study', c.study_id::text) FROM (SELECT DISTINCT study_id FROM added) c;
  PERFORM nw.hold_readers(ARRAY(SELECT l.membership_id FROM reading_list l WHERE l.id IN (SELECT list_id FROM added)));
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT m.study_id, m.reader_code FROM added a JOIN reading_list l ON l.id = a.list_id JOIN membership m ON m.id = l.membership_id) r
      JOIN membership m ON m.study_id = r.study_id AND m.reader_code = r.reader_code JOIN reading_list l ON l.membership_id = m.id
     WHERE NOT EXISTS (SELECT FROM reading_closure c WHERE c.list_id = l.id)
       AND EXISTS (SELECT FROM nw.unread_slot u WHERE u.list_id = l.id)) THEN
    RAISE EXCEPTION 'What a reader has left to read is closed as a whole, every list of it. Nothing was saved.' USING ERRCODE = 'NW007', CONSTRAINT = 'closed_in_part';
  END IF;
  PERFORM nw.note_deed('reading.closed', 'reader', r.reader_code, r.reason, jsonb_build_object('reads', r.reads)) FROM (
    SELECT m.reader_code, min(a.reason) AS reason, sum((SELECT count(*) FROM nw.unread_slot u WHERE u.list_id = l.id)) AS reads
      FROM added a JOIN reading_list l ON l.id = a.list_id JOIN membership m ON m.id = l.membership_id GROUP BY m.reader_code ORDER BY m.reader_code) r;
  RETURN NULL;
END $$;
CREATE TRIGGER note_closure AFTER INSERT ON reading_closure REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.note_closure();

-- Nodes that were measured again between two reads of one condition, so that its readers judged the same cases by different sizes: which, and how many cases.
-- What was shown, the hash of each read says: of all sizes that the node ever had, the one that gives it. Before the lock nobody but the PI is told, and not
-- the sizes, of conditions of which every list is read: told case by case, it would be the order of a reader. After it, only of nodes that the analysis judges.
-- (From the few nodes with two sizes on.)
CREATE OR REPLACE FUNCTION nw.sizes_that_differ() RETURNS TABLE (subject text, node text, condition text, cases int, shown jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH measured AS MATERIALIZED (
    SELECT node_id, array_agg(DISTINCT short_axis_mm) AS sizes FROM node_size WHERE study_id = nw.study_id()
       AND (nw.claim(1) = 'principal_investigator' OR nw.locked() AND nw.claim(1) IN ('data_scientist', 'importer', 'worker'))
     GROUP BY node_id HAVING count(DISTINCT short_axis_mm) > 1
  ), under_way AS MATERIALIZED (
    SELECT DISTINCT l.condition_key FROM nw.unread_slot u JOIN reading_list l ON l.id = u.list_id WHERE u.study_id = nw.study_id()
  ), told AS (
    -- The first read of each: that of a hidden repeat touches agreement alone.
    SELECT k.node_id, r.case_id, r.condition_key, r.reader_code, mm
      FROM measured m JOIN nw.studied_node n ON n.id = m.node_id JOIN reading_case k ON k.node_id = m.node_id
      JOIN nw.current_read r ON r.case_id = k.id AND r.study_id = nw.study_id()
      JOIN reading_slot s ON s.id = r.slot_id JOIN reading_list l ON l.id = s.list_id
     CROSS JOIN LATERAL (SELECT string_agg(c.sha256 || '|' || c.plane, '|' ORDER BY o.ordinal) AS hashes
                           FROM case_crop o JOIN crop c ON c.id = o.crop_id WHERE o.case_id = k.id) i
     CROSS JOIN LATERAL unnest(m.sizes) mm
     WHERE r.shown_sha256 = nw.hash_shown(s.id, i.hashes, r.condition_key, mm, r.protocol_version_id, NULL)
       AND NOT EXISTS (SELECT FROM read f WHERE f.case_id = r.case_id AND f.reader_code = r.reader_code AND f.condition_key = r.condition_key AND f.occasion < r.occasion)
       AND CASE WHEN nw.locked() THEN EXISTS (SELECT FROM nw.judged_image j WHERE j.node_id = m.node_id)
                ELSE r.condition_key NOT IN (SELECT u.condition_key FROM under_way u) END
  ), apart AS (
    SELECT * FROM told t WHERE EXISTS (SELECT FROM told o WHERE o.case_id = t.case_id AND o.condition_key = t.condition_key AND o.mm <> t.mm)
  )
  SELECT b.number, n.label, a.condition_key, count(DISTINCT a.case_id)::int,
         jsonb_agg(DISTINCT CASE WHEN nw.locked() THEN jsonb_build_array(a.reader_code, a.mm) ELSE jsonb_build_array(a.reader_code, NULL) END)
    FROM apart a JOIN node n ON n.id = a.node_id JOIN subject b ON b.id = n.subject_id
   GROUP BY b.number, n.label, n.ordinal, a.condition_key ORDER BY b.number, n.ordinal, a.condition_key
$$;
GRANT EXECUTE ON FUNCTION nw.sizes_that_differ() TO nw_principal_investigator, nw_data_scientist, nw_importer, nw_worker;
