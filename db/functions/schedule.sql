-- How reading schedules are drawn: by whoever sees neither images nor sizes, and so that nobody is shown a size first.

-- The conditions that a schedule or a read is of: for whoever changes the protocol and sees no read.
CREATE OR REPLACE FUNCTION nw.conditions_in_use() RETURNS TABLE (condition_key text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.condition_key FROM (SELECT l.study_id, l.condition_key FROM reading_list l UNION SELECT r.study_id, r.condition_key FROM read r) u
   WHERE u.study_id = nw.study_id() AND nw.claim(1) IN ('principal_investigator', 'administrator')
$$;
GRANT EXECUTE ON FUNCTION nw.conditions_in_use() TO nw_principal_investigator, nw_administrator;

-- The cases of these sets of crops ([[id, ...], ...]), made where they are not there yet: current crops of one node of the claim's study, in the order in which they
-- are shown. The id of a case is its crop's, and of several crops comes out of their ids, whatever their order. A crop of a case is not superseded meanwhile.
-- Nobody may call it.
CREATE OR REPLACE FUNCTION nw.cases_of(sets jsonb) RETURNS TABLE (place bigint, id uuid) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  study uuid := nw.study_id();
  wanted jsonb;
  lacking jsonb;
BEGIN
  -- A UUID of version 8: the hash but for its digits of version and variant.
  SELECT jsonb_agg(jsonb_build_object('place', s.place, 'crops', s.value, 'id', CASE jsonb_array_length(s.value) WHEN 1 THEN i.ids
           ELSE overlay(overlay(left(encode(sha256(convert_to(i.ids, 'UTF8')), 'hex'), 32) PLACING '8' FROM 13) PLACING '8' FROM 17) END)) INTO wanted
    FROM jsonb_array_elements(sets) WITH ORDINALITY s (value, place)
   CROSS JOIN LATERAL (SELECT string_agg(c::uuid::text, ' ' ORDER BY c::uuid) AS ids FROM jsonb_array_elements_text(s.value) c) i;
  -- One that is there has a place in a schedule or a read: its crops are superseded no more.
  SELECT jsonb_agg(w) INTO lacking FROM jsonb_to_recordset(wanted) w (id uuid, crops jsonb)
   WHERE NOT EXISTS (SELECT FROM reading_case k WHERE k.id = w.id AND k.study_id = study);
  IF lacking IS NOT NULL THEN
    PERFORM FROM crop c WHERE c.study_id = study
       AND c.id IN (SELECT u.crop::uuid FROM jsonb_to_recordset(lacking) l (crops jsonb) CROSS JOIN LATERAL jsonb_array_elements_text(l.crops) u (crop))
     ORDER BY c.id FOR SHARE;
    IF EXISTS (SELECT FROM jsonb_to_recordset(lacking) l (id uuid, crops jsonb) LEFT JOIN LATERAL jsonb_array_elements_text(l.crops) u (crop) ON true
                 LEFT JOIN crop c ON c.id = u.crop::uuid AND c.study_id = study AND c.superseded_at IS NULL
                GROUP BY l.id, l.crops HAVING count(DISTINCT c.id) <> jsonb_array_length(l.crops) OR count(DISTINCT c.node_id) <> 1) THEN
      RAISE EXCEPTION 'A case is made of current images of one node, each once.' USING ERRCODE = 'NW007', CONSTRAINT = 'made_up_case';
    END IF;
    WITH made AS (
      INSERT INTO reading_case (id, study_id, node_id)
      SELECT DISTINCT l.id, study, c.node_id FROM jsonb_to_recordset(lacking) l (id uuid, crops jsonb) JOIN crop c ON c.id = (l.crops ->> 0)::uuid
      ON CONFLICT (id) DO NOTHING RETURNING id
    )
    INSERT INTO case_crop (case_id, study_id, ordinal, crop_id)
    SELECT l.id, study, c.ordinal, c.crop::uuid FROM (SELECT DISTINCT ON (id) id, crops FROM jsonb_to_recordset(lacking) l (id uuid, crops jsonb) ORDER BY id) l
      JOIN made m ON m.id = l.id CROSS JOIN LATERAL jsonb_array_elements_text(l.crops) WITH ORDINALITY c (crop, ordinal);
  END IF;
  RETURN QUERY SELECT w.place, w.id FROM jsonb_to_recordset(wanted) w (place bigint, id uuid) ORDER BY w.place;
END $$;
-- The same for imports.
CREATE OR REPLACE FUNCTION nw.make_cases(sets jsonb) RETURNS TABLE (place bigint, id uuid) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'importer' THEN RAISE EXCEPTION 'this role makes no cases' USING ERRCODE = '42501'; END IF;
  RETURN QUERY SELECT c.place, c.id FROM nw.cases_of(sets) c;
END $$;
GRANT EXECUTE ON FUNCTION nw.make_cases(jsonb) TO nw_importer;

-- Of two vectors in space. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.dot(a float8[], b float8[]) RETURNS float8 LANGUAGE sql IMMUTABLE RETURN a[1] * b[1] + a[2] * b[2] + a[3] * b[3];

-- Millimetres, no further than they can be reckoned with: a header, or a row, can say any number. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.within_reach(mm float8) RETURNS float8 LANGUAGE sql IMMUTABLE RETURN CASE WHEN mm IS NOT NULL THEN greatest(-1e6, least(1e6, mm)) END;

-- Where nodes were found: each box that was cut out and each long axis that was measured (a size that was shown is that of its place, wherever the node was measured since), as a slab: its middle,
-- the ways along which its image's columns and rows count up, half of its sides, of a box that is smaller than its node as far as that may reach, and of its depth, and the room that the node needs at least, the least size that it ever had, and the largest, by which it may reach into other slices. In the patient, mm: one frame of reference of a patient is
-- one space, and so is one exam, because the images of a scan that is sent again under other names lie where they lay; and in thousandths of its width, of each picture, whatever it is called and
-- whosever it is said to be, and of each of an exam beside those that lie nowhere, with its rows in thousandths of its height, too, because the same picture is another in another encoding, resolution or format, or stretched (those that lie somewhere,
-- `lies`, are known by that among themselves). How large a node is in one that lies nowhere is not known: it may have room in whatever two boxes have in common. (A patient is whoever has the number at the site: screened again, it is the same.) Nobody may call it.
CREATE OR REPLACE FUNCTION nw.found_at(study uuid)
RETURNS TABLE (node_id uuid, space text, middle float8[], across float8[], down float8[], half_width float8, half_height float8, half_depth float8, room float8, largest float8, lies boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH drawn AS (
    SELECT c.node_id, s.instance_id, s.frame, s.box_left + s.box_width / 2.0 - 0.5 AS x, s.box_top + s.box_height / 2.0 - 0.5 AS y, s.box_width::float8 AS width, s.box_height::float8 AS height, NULL::float8[] AS middle, NULL::float8 AS long_mm
      FROM nw.current_crop c JOIN crop_source s ON s.crop_id = c.id WHERE c.study_id = $1
    UNION ALL
    SELECT m.node_id, m.instance_id, m.frame, NULL, NULL, NULL, NULL, ARRAY(SELECT (nw.within_reach(m.ends[axis]) + nw.within_reach(m.ends[axis + 3])) / 2 FROM generate_series(1, 3) axis ORDER BY axis),
           nw.within_reach(m.long_axis_mm) FROM measurement m WHERE m.study_id = $1
  ), patients AS (
    SELECT n.id AS node_id, coalesce(s.site_id::text, '') || ':' || coalesce(nullif(nw.hospital_number_key(i.hospital_number), ''), s.id::text) AS patient
      FROM node n JOIN subject s ON s.id = n.subject_id LEFT JOIN subject_identity i ON i.subject_id = s.id WHERE n.study_id = $1
  ), sizes AS (
    SELECT s.node_id, min(s.short_axis_mm)::float8 AS mm, max(s.short_axis_mm)::float8 AS largest FROM node_size s WHERE s.study_id = $1 GROUP BY s.node_id
  ), images AS (
    SELECT i.id, i.pixel_sha256, ARRAY[nullif(i.frame_of_reference_uid, ''), r.exam_id::text] AS spaces, i.planes, 1000.0 / i.columns AS scale, 1000.0 / i.rows AS scale_down FROM image_instance i JOIN image_series r ON r.id = i.series_id WHERE i.study_id = $1
  ), laid AS (
    SELECT w.*, i.pixel_sha256, i.scale, i.scale_down, p.patient, i.spaces, z.mm, z.largest, coalesce(jsonb_typeof(i.planes -> (w.frame - 1)) = 'object', false) AS lies,
           ARRAY(SELECT nw.within_reach(v::float8) FROM jsonb_array_elements_text(l.plane -> 'position') v) AS position, ARRAY(SELECT v::float8 FROM jsonb_array_elements_text(l.plane -> 'row') v) AS across,
           ARRAY(SELECT v::float8 FROM jsonb_array_elements_text(l.plane -> 'column') v) AS down, greatest(0.001, nw.within_reach((l.plane #>> '{spacing,columns}')::float8)) AS column_mm,
           greatest(0.001, nw.within_reach((l.plane #>> '{spacing,rows}')::float8)) AS row_mm, nw.within_reach(coalesce((l.plane ->> 'thickness')::float8, 5)) AS thickness
      FROM drawn w JOIN images i ON i.id = w.instance_id JOIN patients p ON p.node_id = w.node_id LEFT JOIN sizes z ON z.node_id = w.node_id
     CROSS JOIN LATERAL (SELECT CASE jsonb_typeof(i.planes -> (w.frame - 1)) WHEN 'object' THEN i.planes -> (w.frame - 1) ELSE '{"position": [], "row": [], "column": []}' END AS plane) l
  ), boxes AS (
    SELECT l.node_id, l.patient, l.spaces, l.pixel_sha256, l.frame, l.lies, l.scale, l.scale_down, l.mm, l.largest, l.position, l.across, l.down, l.column_mm, l.row_mm, l.thickness, coalesce(l.x, nw.dot(v.way, l.across) / l.column_mm) AS x,
           coalesce(l.y, nw.dot(v.way, l.down) / l.row_mm) AS y, CASE WHEN l.lies THEN greatest(o.width, 2 * l.largest / l.column_mm - o.width) ELSE o.width END AS width, CASE WHEN l.lies THEN greatest(o.height, 2 * l.largest / l.row_mm - o.height) ELSE o.height END AS height
      FROM laid l CROSS JOIN LATERAL (SELECT ARRAY[l.middle[1] - l.position[1], l.middle[2] - l.position[2], l.middle[3] - l.position[3]] AS way) v
     CROSS JOIN LATERAL (SELECT coalesce(l.width, l.long_mm / l.column_mm) AS width, coalesce(l.height, l.long_mm / l.row_mm) AS height) o WHERE l.x IS NOT NULL OR l.lies
  )
  SELECT b.node_id, b.patient || ' ' || u.space, ARRAY(SELECT b.position[axis] + b.across[axis] * b.column_mm * b.x + b.down[axis] * b.row_mm * b.y FROM generate_series(1, 3) axis ORDER BY axis),
         b.across, b.down, b.width * b.column_mm / 2, b.height * b.row_mm / 2, 1.5 * b.thickness, b.mm, b.largest, false FROM boxes b CROSS JOIN LATERAL unnest(b.spaces) u (space) WHERE b.lies
  UNION ALL
  SELECT b.node_id, CASE u.place WHEN 'picture' THEN b.pixel_sha256 || ' ' || b.frame ELSE b.patient || ' ' || b.spaces[2] || ' ' || u.place END, ARRAY[(b.x + 0.5) * b.scale, (b.y + 0.5) * u.down, 0]::float8[], ARRAY[1, 0, 0]::float8[],
         ARRAY[0, 1, 0]::float8[], b.width * b.scale / 2, b.height * u.down / 2, 0, CASE WHEN b.lies THEN coalesce(b.mm * least(b.scale / b.column_mm, u.down / b.row_mm), 0) ELSE 0 END, 0, u.place <> 'picture' AND b.lies
    FROM boxes b CROSS JOIN LATERAL (VALUES ('picture', b.scale), ('nowhere', b.scale), ('stretched', b.scale_down)) u (place, down) WHERE u.place = 'picture' OR b.spaces[2] IN (SELECT o.spaces[2] FROM boxes o WHERE NOT o.lies)
$$;

-- Nodes that were found at the same place: the middle of the smaller one lies in the larger, or what the two have in common has room for the lesser of the two nodes; or it lies so near before or behind it
-- that a node of its size, or of that of the box, reaches into both slices. (A study without such places costs two looks. ROWS 1: as many as there usually are; where the planner reckons with a thousand, what comes too late takes it a
-- minute.) Nobody may call it.
CREATE OR REPLACE FUNCTION nw.found_again(study uuid) RETURNS TABLE (node_id uuid, twin uuid) LANGUAGE plpgsql STABLE ROWS 1 SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF NOT EXISTS (SELECT FROM crop_source s WHERE s.study_id = $1) AND NOT EXISTS (SELECT FROM measurement m WHERE m.study_id = $1) THEN RETURN; END IF;
  RETURN QUERY WITH places AS MATERIALIZED (SELECT f.* FROM nw.found_at($1) f)
    SELECT DISTINCT n.node_id, n.twin FROM places a JOIN places b ON b.space = a.space AND b.node_id <> a.node_id AND NOT (a.lies AND b.lies) AND greatest(a.half_width, a.half_height) <= greatest(b.half_width, b.half_height)
     CROSS JOIN LATERAL (SELECT ARRAY[a.middle[1] - b.middle[1], a.middle[2] - b.middle[2], a.middle[3] - b.middle[3]] AS way) v
     CROSS JOIN LATERAL (SELECT abs(nw.dot(a.across, b.across)) AS aa, abs(nw.dot(a.across, b.down)) AS ad, abs(nw.dot(a.down, b.across)) AS da, abs(nw.dot(a.down, b.down)) AS dd) t
     -- How far the smaller one reaches along the sides of the larger, but for the room that the node needs, with its slice where that stands across; and before or behind it.
     CROSS JOIN LATERAL (SELECT greatest(0, t.aa * a.half_width + t.da * a.half_height - least(a.room, b.room)) + a.half_depth * sqrt(greatest(0, 1 - t.aa ^ 2 - t.da ^ 2)) AS across,
                                greatest(0, t.ad * a.half_width + t.dd * a.half_height - least(a.room, b.room)) + a.half_depth * sqrt(greatest(0, 1 - t.ad ^ 2 - t.dd ^ 2)) AS down,
                                a.half_width * sqrt(greatest(0, 1 - t.aa ^ 2 - t.ad ^ 2)) + a.half_height * sqrt(greatest(0, 1 - t.da ^ 2 - t.dd ^ 2)) AS deep) r
     CROSS JOIN LATERAL (VALUES (a.node_id, b.node_id), (b.node_id, a.node_id)) n (node_id, twin)
     WHERE abs(nw.dot(v.way, b.across)) <= b.half_width + r.across AND abs(nw.dot(v.way, b.down)) <= b.half_height + r.down
       AND nw.dot(v.way, v.way) - nw.dot(v.way, b.across) ^ 2 - nw.dot(v.way, b.down) ^ 2 <= (greatest(a.half_depth, b.half_depth) + greatest(a.half_width, a.half_height, r.deep, a.largest, b.largest)) ^ 2;
END $$;

-- The nodes for which a condition comes too late: whoever reads under this code has begun a list of a later one that shows more of them, or has such reads that
-- were imported. (Every node of the list, seen or not: of single ones, what is left out would tell the order of the list.) A node with a picture of such a one, the same or alike, or from the
-- same place in the patient, is one of them: it may have been entered again. (A picture that was replaced was in no schedule.) Nobody may call it.
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
  ), twins AS MATERIALIZED (
    SELECT a.node_id, b.node_id AS twin FROM nw.current_crop a JOIN nw.current_crop b ON b.study_id = a.study_id AND b.pixel_sha256 = a.pixel_sha256 AND b.node_id <> a.node_id
     WHERE a.study_id = $1
    UNION
    SELECT p.node_id, p.twin FROM alike_crops x JOIN nw.current_crop a ON a.id = x.crop_id JOIN nw.current_crop b ON b.id = x.other_id
     CROSS JOIN LATERAL (VALUES (a.node_id, b.node_id), (b.node_id, a.node_id)) p (node_id, twin) WHERE x.study_id = $1
    UNION
    SELECT f.node_id, f.twin FROM nw.found_again($1) f WHERE EXISTS (SELECT FROM shown)
  ), told AS (
    SELECT s.* FROM shown s UNION SELECT t.twin, s.condition_key, s.shows FROM shown s JOIN twins t ON t.node_id = s.node_id
  )
  SELECT DISTINCT s.node_id, c.key, c.place FROM told s LEFT JOIN conditions own ON own.key = s.condition_key
    -- One that the protocol has no more comes after all.
    JOIN conditions c ON (own.place IS NULL OR c.place < own.place) AND NOT s.shows <@ c.shows
$$;

-- The crops of each case that a reader lacks in a condition, neither scheduled nor read by whoever reads under that code: each image, with a picture, of a studied node or, by
-- 'node', those of a node that has one in every plane, in the order of `planes`. Too late is what comes for a node of which the reader is shown more already:
-- it would be read as if it were not, in this condition or in one before it. What an earlier transaction closed is read no more, in no condition. They name crops, which whoever draws does not see: nobody may call it.
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
    SELECT s.case_id FROM reading_closure c JOIN reading_list l ON l.id = c.list_id AND c.closed_at < now()
     CROSS JOIN LATERAL (SELECT s.id, s.case_id FROM reading_slot s WHERE s.list_id = l.id OFFSET 0) s
     WHERE l.membership_id IN (SELECT id FROM same)
       AND NOT EXISTS (SELECT FROM reading_slot o JOIN reading_progress p ON p.slot_id = o.id WHERE o.list_id = l.id AND o.case_id = s.case_id OFFSET 0)
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
      FROM nw.current_crop c JOIN LATERAL (SELECT FROM nw.studied_before n WHERE n.id = c.node_id OFFSET 0) n ON true
     WHERE c.study_id = nw.study_id() AND c.sha256 IS NOT NULL AND EXISTS (SELECT FROM same)
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

-- Holds every membership under the codes of these readers to the end of the transaction: none of them begins a list meanwhile (nw.open_case), and what was
-- begun is seen by what is asked next. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.hold_readers(memberships uuid[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM membership m WHERE EXISTS (
    SELECT FROM membership o WHERE o.id = ANY (memberships) AND o.study_id = m.study_id AND o.reader_code = m.reader_code) ORDER BY m.id FOR NO KEY UPDATE;
END $$;

-- The order that a seed gives to cases: that of the hashes of seed and case, as `drawnOrder` in server/services/reading/drawn-order.ts, so that whoever has the seed
-- can draw it again. The places of some cases tell nothing of those of others as long as the seed cannot be guessed: that of `nw.draw_list` has 244 random bits. (`nw.kept_apart` comes after it:
-- then they tell that no other image of their node stands beside.)
CREATE OR REPLACE FUNCTION nw.drawn_order(cases uuid[], seed text) RETURNS uuid[] LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  SELECT ARRAY(SELECT c FROM unnest($1) c ORDER BY sha256(convert_to($2 || '|' || c, 'UTF8')))
$$;

-- The same order, but that no two cases of one node follow each other: the next is the first of another node than the one before it, and of the node that has more than half of what is left as soon
-- as one has. Where one has more than all others and one, that cannot be, and as few as can follow each other, at the end. As `keptApart` in core/reading/designs/order.ts.
CREATE OR REPLACE FUNCTION nw.kept_apart(cases uuid[], nodes uuid[]) RETURNS uuid[] LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
DECLARE
  apart uuid[] := '{}';
  taken boolean[] := array_fill(false, ARRAY[cardinality(cases)]);
  largest int := (SELECT max(n.cases) FROM (SELECT count(*) AS cases FROM unnest(nodes) u (node) GROUP BY u.node) n);
  first int := 1;
  place int;
  most uuid;
  last uuid;
BEGIN
  FOR remaining IN REVERSE cardinality(cases) .. 1 LOOP
    most := NULL;
    IF 2 * largest > remaining THEN
      SELECT u.node, count(*) INTO most, largest FROM unnest(nodes, taken) u (node, taken) WHERE NOT u.taken GROUP BY u.node ORDER BY count(*) DESC, u.node LIMIT 1;
      IF 2 * largest <= remaining THEN most := NULL; END IF;
    END IF;
    WHILE taken[first] LOOP first := first + 1; END LOOP;
    place := first;
    FOR i IN first .. cardinality(cases) LOOP
      IF NOT taken[i] AND (CASE WHEN most IS NULL OR most = last THEN nodes[i] IS DISTINCT FROM last ELSE nodes[i] = most END) THEN place := i; EXIT; END IF;
    END LOOP;
    apart := apart || cases[place];
    taken[place] := true;
    last := nodes[place];
  END LOOP;
  RETURN apart;
END $$;

-- The node of each of these cases. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.nodes_of(cases uuid[]) RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT ARRAY(SELECT k.node_id FROM unnest($1) WITH ORDINALITY d (id, place) JOIN reading_case k ON k.id = d.id ORDER BY d.place)
$$;

-- An order with some of its cases in it once more. First the places are drawn, each that has enough cases before it as likely as any other, one between two cases of the order at most, so that no place
-- tells a repeat; then, from the first on, the case of each: of those that are far enough before it, and of another node than its neighbours as long as there is one. As `withRepeats` in
-- core/reading/designs/repeats.ts. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.with_repeats(cases uuid[], nodes uuid[], seed text, again int, apart int) RETURNS uuid[] LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
DECLARE
  total int := cardinality(cases);
  -- Behind a place, the one that is read again there.
  behind int[];
  used boolean[];
  drawn int[];
  gap int;
  place int;
  chosen int;
  beside int;
  clash boolean;
BEGIN
  FOR attempt IN 1 .. 100 LOOP
    behind := array_fill(NULL::int, ARRAY[total]);
    used := array_fill(false, ARRAY[total]);
    clash := false;
    drawn := ARRAY(SELECT u.place::int FROM unnest(cases) WITH ORDINALITY u (id, place) ORDER BY sha256(convert_to(seed || '|again|' || attempt || '|' || u.id, 'UTF8')));
    FOR gap IN
      SELECT g.place FROM (SELECT p.place FROM generate_series(apart + 1, total) p (place) ORDER BY sha256(convert_to(seed || '|behind|' || attempt || '|' || p.place, 'UTF8')) LIMIT again) g ORDER BY g.place
    LOOP
      chosen := NULL;
      beside := NULL;
      FOREACH place IN ARRAY drawn LOOP
        CONTINUE WHEN place > gap - apart OR used[place];
        IF nodes[place] IN (nodes[gap], nodes[gap + 1]) THEN
          beside := coalesce(beside, place);
        ELSE
          chosen := place;
          EXIT;
        END IF;
      END LOOP;
      clash := clash OR chosen IS NULL;
      chosen := coalesce(chosen, beside);
      used[chosen] := true;
      behind[gap] := chosen;
    END LOOP;
    EXIT WHEN NOT clash;
  END LOOP;
  RETURN ARRAY(SELECT e.id FROM unnest(cases, behind) WITH ORDINALITY u (id, again, place) CROSS JOIN LATERAL (VALUES (u.id, 0), (cases[u.again], 1)) e (id, turn)
                WHERE e.id IS NOT NULL ORDER BY u.place, e.turn);
END $$;

-- Draws the cases that a reader lacks in a condition, in an order of its own, images of one node apart, some of them twice where the protocol asks for repeats; answers how many cases. What a case is, its planes and its occasion are the protocol's, and
-- what is drawn in one transaction is one batch. Whoever asks sees neither the cases nor their places, seed and order, now or by what is read later. (The reader
-- opens no list meanwhile: the look comes after the lock. What cannot be guessed or set comes from UUIDs.) Repeats are in the list with which a reader begins a condition: what comes late has none.
CREATE OR REPLACE FUNCTION nw.draw_list(reader uuid, condition text) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  in_force protocol_version;
  time int;
  drawn uuid[];
  list uuid;
  lacked int;
  again int;
  apart int;
  -- What begins with "2." keeps images of a node apart, with "3." and two numbers it has so many repeats so far apart, too (server/services/reading/drawn-order.ts).
  seed text := translate(gen_random_uuid()::text || gen_random_uuid(), '-', '');
BEGIN
  IF nw.claim(1) IN ('principal_investigator', 'coordinator') IS NOT TRUE THEN RETURN 0; END IF;
  PERFORM nw.take_lock('reading schedule of a study', nw.study_id()::text);
  PERFORM nw.hold_readers(ARRAY[m.id]) FROM membership m WHERE m.id = draw_list.reader AND m.study_id = nw.study_id();
  IF NOT FOUND THEN RETURN 0; END IF;
  PERFORM FROM study WHERE id = nw.study_id() FOR SHARE;
  SELECT v.* INTO in_force FROM study s JOIN protocol_version v ON v.id = s.protocol_version_id AND v.study_id = s.id WHERE s.id = nw.study_id();
  WITH RECURSIVE repeated AS (
    SELECT draw_list.condition AS key, 1 AS time
    UNION ALL
    SELECT c ->> 'repeats', r.time + 1 FROM repeated r JOIN jsonb_array_elements(in_force.document -> 'conditions') c ON c ->> 'key' = r.key WHERE c ? 'repeats' AND r.time < 100
  )
  SELECT max(r.time) INTO time FROM repeated r;
  -- As `hiddenRepeats` in core/protocol/hidden-repeats.ts.
  SELECT (a.asked ->> 'cases')::int, (a.asked ->> 'apart')::int INTO again, apart
    FROM (SELECT in_force.document #> '{reading,repeats}' AS asked) a JOIN nw.conditions_of(in_force.document) c ON c.key = draw_list.condition
    JOIN membership m ON m.id = draw_list.reader
   WHERE coalesce(a.asked -> 'conditions' ? c.key, c.repeats IS NULL)
     AND NOT EXISTS (SELECT FROM membership o JOIN reading_list l ON l.membership_id = o.id AND l.condition_key = c.key WHERE o.study_id = m.study_id AND o.reader_code = m.reader_code)
     AND NOT EXISTS (SELECT FROM read r WHERE r.study_id = m.study_id AND r.reader_code = m.reader_code AND r.condition_key = c.key);
  seed := coalesce('3.' || again || '.' || apart || '.', '2.') || seed;
  drawn := nw.drawn_order(ARRAY(
    SELECT m.id FROM nw.cases_of((SELECT jsonb_agg(to_jsonb(u.crops)) FROM nw.lacking(draw_list.reader, draw_list.condition, coalesce(in_force.document #>> '{reading,case}', 'image'),
      ARRAY(SELECT p ->> 'key' FROM jsonb_array_elements(in_force.document -> 'planes') p)) u WHERE NOT u.too_late)) m), seed);
  IF drawn = '{}' THEN RETURN 0; END IF;
  -- One of two places that could hold a repeat does at most: a place tells nothing (`fewestForRepeats`).
  IF cardinality(drawn) < apart + 2 * again THEN
    RAISE EXCEPTION 'The protocol has % cases of a list read twice, % apart (reading.repeats): a list of fewer than % cases has no room for that. Nothing was saved.', again, apart, apart + 2 * again
      USING ERRCODE = 'NW007', CONSTRAINT = 'list_short_for_repeats', DETAIL = jsonb_build_object('cases', again, 'apart', apart, 'fewest', apart + 2 * again, 'there', cardinality(drawn),
        'reader', (SELECT m.reader_code FROM membership m WHERE m.id = draw_list.reader), 'condition', draw_list.condition)::text;
  END IF;
  drawn := nw.kept_apart(drawn, nw.nodes_of(drawn));
  lacked := cardinality(drawn);
  IF again IS NOT NULL THEN drawn := nw.with_repeats(drawn, nw.nodes_of(drawn), seed, again, apart); END IF;
  -- What it shows, and when it opens, nw.as_the_protocol_says() sets.
  INSERT INTO reading_list (study_id, membership_id, protocol_version_id, condition_key, condition_ordinal, batch, shows, wash_out_days, seed, order_sha256)
  SELECT nw.study_id(), draw_list.reader, in_force.id, draw_list.condition, 0,
         1 + coalesce((SELECT max(l.batch) FROM reading_list l WHERE l.study_id = nw.study_id() AND l.drawn_at <> now()), 0), '{}', 0, seed,
         encode(sha256(convert_to(array_to_string(drawn, chr(10)), 'UTF8')), 'hex')
  RETURNING id INTO list;
  INSERT INTO reading_slot (study_id, list_id, position, case_id, occasion)
  SELECT nw.study_id(), list, d.place, d.id, time - 1 + row_number() OVER (PARTITION BY d.id ORDER BY d.place) FROM unnest(drawn) WITH ORDINALITY d (id, place);
  RETURN lacked;
END $$;
GRANT EXECUTE ON FUNCTION nw.draw_list(uuid, text) TO nw_principal_investigator, nw_coordinator;

-- Refuses what is drawn for a reader, or counted for the lock (of every reader: NULL), in a transaction that closed lists, or began before they were closed: whoever undoes the closing
-- is told nothing by what would have come of it. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.refuse_closed_meanwhile(study uuid, code text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM reading_closure c JOIN reading_list l ON l.id = c.list_id JOIN membership m ON m.id = l.membership_id
              WHERE c.study_id = refuse_closed_meanwhile.study AND (code IS NULL OR m.reader_code = code) AND c.closed_at >= now()) THEN
    RAISE EXCEPTION 'Reading lists were closed at this very moment. Nothing was saved; try again.' USING ERRCODE = 'NW004', CONSTRAINT = 'closed_meanwhile';
  END IF;
END $$;

-- A reader has an image in a condition once in the schedule, on one occasion, whichever list or membership holds it.
CREATE OR REPLACE FUNCTION nw.refuse_second_place() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM nw.take_lock('reading schedule of a study', a.study_id::text) FROM (SELECT DISTINCT study_id FROM added) a;
  -- What this transaction closed, or one that began after it, counts for nothing yet: what is left unread would be drawn for a later condition, with its size.
  PERFORM nw.refuse_closed_meanwhile(l.study_id, m.reader_code) FROM (SELECT DISTINCT list_id FROM added) a JOIN reading_list l ON l.id = a.list_id JOIN membership m ON m.id = l.membership_id;
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
  -- Nor one that was read elsewhere: an import holds the same lock.
  IF EXISTS (
    SELECT FROM added a JOIN reading_list l ON l.id = a.list_id JOIN membership m ON m.id = l.membership_id JOIN case_crop mine ON mine.case_id = a.case_id
     CROSS JOIN LATERAL (SELECT k.case_id FROM case_crop k WHERE k.crop_id = mine.crop_id OFFSET 0) k
     CROSS JOIN LATERAL (SELECT r.* FROM read r WHERE r.case_id = k.case_id OFFSET 0) r
     WHERE r.study_id = l.study_id AND r.reader_code = m.reader_code AND r.condition_key = l.condition_key AND r.occasion = a.occasion AND r.slot_id IS NULL) THEN
    RAISE EXCEPTION 'This reader has read an image of this case in this condition before, in another case. Nothing was saved.'
      USING ERRCODE = 'NW004', CONSTRAINT = 'image_is_read';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_second_place AFTER INSERT ON reading_slot REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_second_place();

-- A case is read in the conditions of the protocol one after the other, and so it is drawn: it comes into a list once every earlier condition has it, in a list
-- or a read of the same reader, and not closed there. Drawn into a later one alone, it would be seen with its size first. (By node, what counts is the node.)
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
          CROSS JOIN LATERAL (SELECT s.id, s.case_id FROM reading_slot s WHERE s.list_id = h.id OFFSET 0) s
          WHERE m.study_id = l.study_id AND m.reader_code = l.reader_code AND (NOT EXISTS (SELECT FROM reading_closure c WHERE c.list_id = h.id AND c.closed_at < now())
             OR EXISTS (SELECT FROM reading_progress p WHERE p.slot_id = s.id OFFSET 0))
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
  PERFORM nw.hold_readers(ARRAY(SELECT l.membership_id FROM reading_list l WHERE l.id IN (SELECT list_id FROM added)));
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

-- Nor one of images that were replaced before it had a place: with it they are replaced no more (nw.refuse_scheduled_crop), and the two wait for each other.
CREATE OR REPLACE FUNCTION nw.refuse_replaced_place() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM crop c WHERE c.id IN (SELECT k.crop_id FROM added a JOIN case_crop k ON k.case_id = a.case_id) ORDER BY c.id FOR SHARE;
  IF EXISTS (SELECT FROM added a JOIN case_crop k ON k.case_id = a.case_id JOIN crop c ON c.id = k.crop_id WHERE c.superseded_at IS NOT NULL) THEN
    RAISE EXCEPTION 'A case is made of current images of one node, each once.' USING ERRCODE = 'NW007', CONSTRAINT = 'made_up_case';
  END IF;
  IF EXISTS (SELECT FROM added a JOIN case_crop k ON k.case_id = a.case_id JOIN crop c ON c.id = k.crop_id WHERE c.sha256 IS NULL) THEN
    RAISE EXCEPTION 'A case without a picture is read nowhere here: only its reads were published. Nothing was saved.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'image_has_no_picture';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_replaced_place AFTER INSERT ON reading_slot REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_replaced_place();

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
  -- No other version comes into force meanwhile, which would find its conditions in no use (nw.refuse_other_reading).
  PERFORM FROM study WHERE id = new.study_id FOR SHARE;
  IF NOT EXISTS (SELECT FROM study s JOIN protocol_version v ON v.id = s.protocol_version_id AND v.study_id = s.id
                  CROSS JOIN LATERAL jsonb_array_elements(v.document -> 'conditions') c (value)
                  WHERE s.id = new.study_id AND v.id = new.protocol_version_id AND c.value ->> 'key' = new.condition_key) THEN
    RAISE EXCEPTION 'A reading list is of a condition of the protocol in force. Nothing was saved.' USING ERRCODE = 'NW007', CONSTRAINT = 'made_up_list';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_list AFTER INSERT ON reading_list FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_list();

-- What each order was drawn with, once nobody reads any more: with it and the cases the order can be drawn again.
CREATE OR REPLACE FUNCTION nw.drawn_orders() RETURNS TABLE (list_id uuid, seed text, order_sha256 text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT l.id, l.seed, l.order_sha256 FROM reading_list l
   WHERE l.study_id = nw.study_id() AND nw.locked() AND nw.claim(1) IN ('coordinator', 'principal_investigator', 'monitor', 'administrator')
$$;
GRANT EXECUTE ON FUNCTION nw.drawn_orders() TO nw_coordinator, nw_principal_investigator, nw_monitor, nw_administrator;

-- How many cases a list has, those left out that are read no more: its slots name cases, which whoever follows the progress does not see.
CREATE OR REPLACE FUNCTION nw.list_length(list uuid) RETURNS int LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*)::int FROM nw.due_slot s WHERE s.list_id = $1 AND s.study_id = nw.study_id()
     AND nw.claim(1) IN ('coordinator', 'data_scientist', 'principal_investigator', 'monitor', 'administrator', 'importer')
$$;
GRANT EXECUTE ON FUNCTION nw.list_length(uuid) TO nw_coordinator, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_administrator, nw_importer;
