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
CREATE OR REPLACE FUNCTION nw.conditions_of(document jsonb) RETURNS TABLE (key text, place bigint, shows text[], wash_out_days numeric)
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  SELECT c.value ->> 'key', c.place, nw.shown_in(c.value), (c.value ->> 'washOutDays')::numeric
    FROM jsonb_array_elements(document -> 'conditions') WITH ORDINALITY c (value, place)
$$;

-- Those of the protocol in force. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.conditions(study uuid) RETURNS TABLE (key text, place bigint, shows text[]) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.key, c.place, c.shows FROM public.study s JOIN protocol_version v ON v.id = s.protocol_version_id AND v.study_id = s.id
   CROSS JOIN LATERAL nw.conditions_of(v.document) c WHERE s.id = $1
$$;

-- What one read is of, which time it is and what its reader has been shown before and beside it stays as it was once there are schedules or reads
-- (`server/services/study/add-protocol-version.ts` says which). What counts is the version that they are of, so that no condition is taken out and put back
-- otherwise; what differs from it already may stay.
CREATE OR REPLACE FUNCTION nw.refuse_other_reading() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  before jsonb := (SELECT v.document FROM protocol_version v WHERE v.id = old.protocol_version_id);
  after jsonb := (SELECT v.document FROM protocol_version v WHERE v.id = new.protocol_version_id);
BEGIN
  IF nw.is_installation() THEN RETURN NULL; END IF;
  PERFORM nw.take_lock('reading schedule of a study', new.id::text);
  IF EXISTS (
    SELECT FROM (SELECT l.condition_key FROM reading_list l WHERE l.study_id = new.id UNION SELECT r.condition_key FROM read r WHERE r.study_id = new.id) u
     WHERE before #> '{form,rating}' IS NOT NULL
           AND (before #> '{form,rating}') - '{low,high}'::text[] IS DISTINCT FROM (after #> '{form,rating}') - '{low,high}'::text[]
        OR coalesce(before #>> '{reading,case}', 'image') IS DISTINCT FROM coalesce(after #>> '{reading,case}', 'image')
        OR (SELECT c ->> 'repeats' FROM jsonb_array_elements(before -> 'conditions') c WHERE c ->> 'key' = u.condition_key)
           IS DISTINCT FROM (SELECT c ->> 'repeats' FROM jsonb_array_elements(after -> 'conditions') c WHERE c ->> 'key' = u.condition_key)
        OR EXISTS (SELECT FROM jsonb_array_elements(before -> 'conditions') b JOIN jsonb_array_elements(after -> 'conditions') a ON a ->> 'key' = b ->> 'key'
                    WHERE b ->> 'key' = u.condition_key AND a ->> 'modality' IS DISTINCT FROM b ->> 'modality')) OR EXISTS (
    WITH was AS MATERIALIZED (
      SELECT v.id AS version, v.document, c.* FROM (
        SELECT l.condition_key, l.protocol_version_id FROM reading_list l WHERE l.study_id = new.id
         UNION SELECT r.condition_key, r.protocol_version_id FROM read r WHERE r.study_id = new.id) u
        JOIN protocol_version v ON v.id = u.protocol_version_id CROSS JOIN LATERAL nw.conditions_of(v.document) c WHERE c.key = u.condition_key
    ), now AS MATERIALIZED (
      SELECT a.*, b.place AS place_before, b.shows AS shows_before, b.wash_out_days AS wash_out_before
        FROM nw.conditions_of(after) a LEFT JOIN nw.conditions_of(before) b ON b.key = a.key
    )
    SELECT FROM was w JOIN now n ON n.key = w.key
     WHERE n.shows <> w.shows AND n.shows IS DISTINCT FROM n.shows_before
        OR n.wash_out_days < w.wash_out_days AND coalesce(n.wash_out_days < n.wash_out_before, true)
        -- Before it there is none that shows more, and none that was read after it, but for those that stood there.
        OR EXISTS (SELECT FROM now e WHERE e.place < n.place AND (NOT e.shows <@ n.shows OR e.key IN (SELECT o.key FROM was o))
                      AND NOT EXISTS (SELECT FROM nw.conditions_of(w.document) s WHERE s.key = e.key AND s.place < w.place)
                      AND (e.place_before < n.place_before AND e.shows = e.shows_before) IS NOT TRUE)) THEN
    RAISE EXCEPTION 'Cases are scheduled or read already: what one read is of, what a condition shows and by which modality, what comes before it, what it repeats and on which scale it is rated stays as it is, and its wash-out gets no shorter. Nothing was saved.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'reading_in_use';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_other_reading AFTER UPDATE OF protocol_version_id ON study FOR EACH ROW
  WHEN (old.protocol_version_id IS DISTINCT FROM new.protocol_version_id) EXECUTE FUNCTION nw.refuse_other_reading();
