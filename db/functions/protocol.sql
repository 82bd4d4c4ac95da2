-- Protocols. What makes a document one is checked where it comes in (`core/protocol`); here, what the functions of the database go by, and what a version says of
-- itself: for whoever writes one without the service. (Each refusal comes after the row's policy; whoever acts without a claim is the installation itself.)

-- JSON with sorted keys, as `server/services/study/canonical-json.ts` writes it: numbers as ECMAScript does (ECMA-262, Number::toString).
CREATE OR REPLACE FUNCTION nw.canonical_json(value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
DECLARE number numeric;
BEGIN
  CASE jsonb_typeof(value)
    WHEN 'object' THEN
      RETURN '{' || coalesce((SELECT string_agg(to_json(e.key)::text || ':' || nw.canonical_json(e.value), ',' ORDER BY e.key COLLATE "C") FROM jsonb_each(canonical_json.value) e), '') || '}';
    WHEN 'array' THEN
      RETURN '[' || coalesce((SELECT string_agg(nw.canonical_json(e.value), ',' ORDER BY e.place) FROM jsonb_array_elements(canonical_json.value) WITH ORDINALITY e (value, place)), '') || ']';
    WHEN 'number' THEN
      number := value::numeric;
      RETURN CASE WHEN number = 0 OR abs(number) >= 1e-6 AND abs(number) < 1e21 THEN trim_scale(number)::text
                  ELSE regexp_replace(number::float8::text, 'e([+-])0*', 'e\1') END;
    ELSE RETURN value::text;
  END CASE;
END $$;

CREATE OR REPLACE FUNCTION nw.refuse_made_up_protocol() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  conditions jsonb := CASE jsonb_typeof(new.document -> 'conditions') WHEN 'array' THEN new.document -> 'conditions' ELSE '[]' END;
  -- In this order: what is no number is not compared with one.
  sound boolean := CASE
    WHEN new.version IS DISTINCT FROM new.document ->> 'version' OR length(new.source) > 50000 THEN false
    WHEN new.sha256 <> encode(sha256(convert_to(nw.canonical_json(new.document), 'UTF8')), 'hex') THEN false
    WHEN coalesce(new.document #>> '{reading,case}', '') NOT IN ('image', 'node') THEN false
    -- No other is drawn (nw.draw_list).
    WHEN coalesce(new.document #>> '{reading,design}', 'sequential') <> 'sequential' THEN false
    -- By which lists wait (nw.practice_asked).
    WHEN new.document #> '{reading,practice}' IS NOT NULL AND (
           jsonb_typeof(new.document #> '{reading,practice,passMark}') IS DISTINCT FROM 'number'
           OR jsonb_typeof(new.document #> '{reading,practice,conditions}') <> 'array') THEN false
    WHEN (new.document #>> '{reading,practice,passMark}')::numeric NOT BETWEEN 0 AND 1 THEN false
    -- By which cases are drawn twice (nw.draw_list).
    WHEN new.document #> '{reading,repeats}' IS NOT NULL AND (
           jsonb_typeof(new.document #> '{reading,repeats,cases}') IS DISTINCT FROM 'number' OR jsonb_typeof(new.document #> '{reading,repeats,apart}') IS DISTINCT FROM 'number'
           OR jsonb_typeof(new.document #> '{reading,repeats,conditions}') <> 'array') THEN false
    WHEN EXISTS (SELECT FROM (VALUES (new.document #>> '{reading,repeats,cases}'), (new.document #>> '{reading,repeats,apart}')) r (value)
                  WHERE r.value::numeric NOT BETWEEN 1 AND 10000 OR r.value::numeric % 1 <> 0) THEN false
    WHEN conditions = '[]' OR EXISTS (SELECT FROM jsonb_array_elements(conditions) c GROUP BY c ->> 'key' HAVING count(*) > 1) THEN false
    ELSE (SELECT bool_and(CASE WHEN jsonb_typeof(c -> 'key') = 'string' AND jsonb_typeof(c -> 'washOutDays') = 'number'
                               THEN (c ->> 'washOutDays')::numeric BETWEEN 0 AND 3650 AND coalesce(c -> 'shows' IN ('[]', '["size"]'), false) ELSE false END)
            FROM jsonb_array_elements(conditions) c) END;
BEGIN
  IF NOT nw.is_installation() AND NOT sound THEN
    RAISE EXCEPTION 'This is no protocol of its version and hash. Nothing was saved; send the file to Nodewise.' USING ERRCODE = 'NW007', CONSTRAINT = 'made_up_protocol';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_protocol AFTER INSERT ON protocol_version FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_protocol();

-- What a condition shows beside the images; one of an older format says "showsSize". Nobody may call it.
CREATE OR REPLACE FUNCTION nw.shown_in(condition jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  SELECT CASE WHEN condition ? 'shows' THEN ARRAY(SELECT jsonb_array_elements_text(condition -> 'shows'))
              WHEN (condition ->> 'showsSize')::boolean THEN '{size}' ELSE '{}' END
$$;

-- The conditions of a protocol, in their order. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.conditions_of(document jsonb) RETURNS TABLE (key text, place bigint, shows text[], wash_out_days numeric, modality text, repeats text)
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  SELECT c.value ->> 'key', c.place, nw.shown_in(c.value), (c.value ->> 'washOutDays')::numeric, c.value ->> 'modality', c.value ->> 'repeats'
    FROM jsonb_array_elements(document -> 'conditions') WITH ORDINALITY c (value, place)
$$;

-- Those of the protocol in force. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.conditions(study uuid) RETURNS TABLE (key text, place bigint, shows text[], wash_out_days numeric) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.key, c.place, c.shows, c.wash_out_days FROM public.study s JOIN protocol_version v ON v.id = s.protocol_version_id AND v.study_id = s.id
   CROSS JOIN LATERAL nw.conditions_of(v.document) c WHERE s.id = $1
$$;

-- What one read is of, which time it is and what its reader has been shown before and beside it stays as it was once there are schedules or reads
-- (`server/services/study/add-protocol-version.ts` says which): a condition of theirs stays in the protocol, as it is, and none comes before it that did not. One that the
-- version in force has no more, as an earlier version of the program let it be taken out, comes back as its lists and reads are of it, or not at all.
CREATE OR REPLACE FUNCTION nw.refuse_other_reading() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  before jsonb := (SELECT v.document FROM protocol_version v WHERE v.id = old.protocol_version_id);
  after jsonb := (SELECT v.document FROM protocol_version v WHERE v.id = new.protocol_version_id);
BEGIN
  IF nw.is_installation() THEN RETURN NULL; END IF;
  PERFORM nw.take_lock('reading schedule of a study', new.id::text);
  IF EXISTS (
    WITH used AS MATERIALIZED (
      SELECT l.condition_key AS key, l.protocol_version_id AS version FROM reading_list l WHERE l.study_id = new.id
      UNION SELECT r.condition_key, r.protocol_version_id FROM read r WHERE r.study_id = new.id
    ), in_force AS MATERIALIZED (SELECT * FROM nw.conditions_of(before)), stood AS MATERIALIZED (
      SELECT b.*, before AS document, true AS in_force FROM in_force b WHERE b.key IN (SELECT u.key FROM used u)
      UNION ALL
      SELECT c.*, v.document, false FROM used u JOIN protocol_version v ON v.id = u.version CROSS JOIN LATERAL nw.conditions_of(v.document) c
       WHERE c.key = u.key AND u.key NOT IN (SELECT b.key FROM in_force b)
    ), now AS MATERIALIZED (SELECT * FROM nw.conditions_of(after))
    SELECT FROM stood s LEFT JOIN now n ON n.key = s.key
     WHERE coalesce(before #>> '{reading,case}', 'image') IS DISTINCT FROM coalesce(after #>> '{reading,case}', 'image')
        OR (before #> '{form,rating}') - '{low,high}'::text[] IS DISTINCT FROM (after #> '{form,rating}') - '{low,high}'::text[]
        OR before #> '{form,rating}' IS NULL AND (before #> '{form,confidence}' IS NULL) <> (after #> '{form,confidence}' IS NULL)
        OR ARRAY(SELECT k ->> 'key' FROM jsonb_array_elements(before #> '{form,criteria}') k ORDER BY 1) <> ARRAY(SELECT k ->> 'key' FROM jsonb_array_elements(after #> '{form,criteria}') k ORDER BY 1)
        OR CASE WHEN n.key IS NULL THEN s.in_force
             ELSE (n.shows, n.modality, n.repeats) IS DISTINCT FROM (s.shows, s.modality, s.repeats) OR n.wash_out_days < s.wash_out_days
               OR EXISTS (SELECT FROM now e WHERE e.place < n.place
                             AND NOT EXISTS (SELECT FROM nw.conditions_of(s.document) b WHERE b.key = e.key AND b.place < s.place AND b.shows = e.shows)) END) THEN
    RAISE EXCEPTION 'Cases are scheduled or read already: their conditions stay in the protocol and in their order, and a new one comes after them; what one read is of and what it answers, what a condition shows and by which modality, what it repeats and on which scale it is rated stays as it is, and its wash-out gets no shorter. Nothing was saved.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'reading_in_use';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_other_reading AFTER UPDATE OF protocol_version_id ON study FOR EACH ROW
  WHEN (old.protocol_version_id IS DISTINCT FROM new.protocol_version_id) EXECUTE FUNCTION nw.refuse_other_reading();

-- A reader is one reader under every version: the code that the roster or reads have is written by the next one as they have it. (After the row's policy. Whoever joins, and
-- whoever imports reads, waits, or is waited for.)
CREATE OR REPLACE FUNCTION nw.refuse_other_letters_of_protocol() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  written text;
  stood jsonb := (SELECT v.document -> 'readers' FROM protocol_version v WHERE v.id = old.protocol_version_id);
BEGIN
  PERFORM nw.take_lock('reading schedule of a study', new.id::text);
  PERFORM nw.take_lock('reader codes of a study', new.id::text);
  SELECT w.code INTO written FROM protocol_version v CROSS JOIN LATERAL jsonb_array_elements_text(v.document -> 'readers') r (code)
   CROSS JOIN LATERAL nw.written_otherwise(new.id, r.code) w (code) WHERE v.id = new.protocol_version_id AND NOT stood ? r.code AND w.code IS NOT NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'In this study the code of this reader is written %. Nothing was saved; write it so.', written
      USING ERRCODE = 'NW004', CONSTRAINT = 'reader_code_as_in_roster', DETAIL = jsonb_build_object('code', written)::text;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_other_letters_of_protocol AFTER UPDATE OF protocol_version_id ON study FOR EACH ROW
  WHEN (old.protocol_version_id IS DISTINCT FROM new.protocol_version_id) EXECUTE FUNCTION nw.refuse_other_letters_of_protocol();

-- With the lock the plan is fixed: the version in force then is that of the study, which comparison, bundle and report go by. (After the row's policy. Whoever locks and whoever changes it wait for
-- each other at the study's row.)
CREATE OR REPLACE FUNCTION nw.refuse_locked_protocol() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF old.state = 'locked' THEN
    RAISE EXCEPTION 'The database of this study is locked: nothing above the model can change.' USING ERRCODE = 'NW001', CONSTRAINT = 'study_is_locked';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_locked_protocol AFTER UPDATE OF protocol_version_id ON study FOR EACH ROW
  WHEN (old.protocol_version_id IS DISTINCT FROM new.protocol_version_id) EXECUTE FUNCTION nw.refuse_locked_protocol();

-- Which version counts from here on stands in the trail whoever changes it, with or without the service. (The installation itself acts in nobody's name.)
CREATE OR REPLACE FUNCTION nw.note_protocol_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT nw.is_installation() THEN
    PERFORM nw.note_deed('study.protocol_changed', 'protocol_version', v.id::text, v.reason, jsonb_build_object('version', v.version, 'sha256', v.sha256))
       FROM protocol_version v WHERE v.id = new.protocol_version_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER note_protocol_change AFTER UPDATE OF protocol_version_id ON study FOR EACH ROW
  WHEN (old.protocol_version_id IS DISTINCT FROM new.protocol_version_id) EXECUTE FUNCTION nw.note_protocol_change();
