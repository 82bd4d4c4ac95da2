-- Images.

-- What the server read, drew or compared itself is taken by its own word: an HMAC-SHA-256 under the secret of the claims over the fields of the fact (server/voucher.ts).
-- (No claim begins with the name of a fact.) Nobody may call it.
CREATE OR REPLACE FUNCTION nw.is_vouched(said text, voucher text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce($2 = encode(nw_private.hmac($1, (SELECT value FROM nw_private.secret), 'sha256'), 'hex'), false)
$$;

-- A file is one of a study once the server has stored its very bytes for it, which it signs (server/services/imaging/note-stored.ts): whoever knows of a file
-- no more than its hash cannot make it one of a study of their own, where it would be seen, or deleted with a subject. Signed: stored_object|study|hash.
CREATE OR REPLACE FUNCTION nw.note_stored(objects jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF coalesce(nw.claim(1), '') NOT IN ('coordinator', 'locating_radiologist', 'importer', 'worker') THEN
    RAISE EXCEPTION 'this role adds no files' USING ERRCODE = '42501';
  END IF;
  IF EXISTS (SELECT FROM jsonb_to_recordset(objects) o (sha256 text, signature text)
              WHERE NOT nw.is_vouched(concat_ws('|', 'stored_object', nw.study_id(), o.sha256), o.signature)) THEN
    RAISE EXCEPTION 'A file comes into a study by its bytes, not by its name. Nothing was saved; upload the file itself.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'file_was_not_stored';
  END IF;
  INSERT INTO stored_object (study_id, sha256, media_type, bytes)
    SELECT nw.study_id(), o.sha256, o.media_type, o.bytes FROM jsonb_to_recordset(objects) o (sha256 text, media_type text, bytes int)
    ON CONFLICT DO NOTHING;
END $$;
GRANT EXECUTE ON FUNCTION nw.note_stored(jsonb) TO nw_coordinator, nw_locating_radiologist, nw_importer, nw_worker;

-- Before files are stored that a later transaction names, another one notes them, so that they go again should it never come to that, whatever ends it: a
-- refusal, a withdrawal meanwhile, the end of the process. An import stores for long. (The lock is shared by all who note: the worker looks and deletes while
-- nobody does, so whoever notes a file finds it in the store, or stores it.)
CREATE OR REPLACE FUNCTION nw.note_storing(attempt uuid, hashes text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF coalesce(nw.claim(1), '') NOT IN ('coordinator', 'locating_radiologist', 'importer') THEN
    RAISE EXCEPTION 'this role adds no files' USING ERRCODE = '42501';
  END IF;
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('files being stored', 0));
  INSERT INTO file_being_stored (attempt, study_id, sha256, expires_at)
    SELECT note_storing.attempt, nw.study_id(), h, now() + CASE nw.claim(1) WHEN 'importer' THEN interval '1 day' ELSE interval '1 minute' END
      FROM (SELECT DISTINCT unnest(hashes) AS h) noted;
END $$;
GRANT EXECUTE ON FUNCTION nw.note_storing(uuid, text[]) TO nw_coordinator, nw_locating_radiologist, nw_importer;

-- The transaction that names them begins with this: to its end the worker passes over them. False where the worker was first.
CREATE OR REPLACE FUNCTION nw.take_noted_files(attempt uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF coalesce(nw.claim(1), '') NOT IN ('coordinator', 'locating_radiologist', 'importer') THEN
    RAISE EXCEPTION 'this role adds no files' USING ERRCODE = '42501';
  END IF;
  DELETE FROM file_being_stored f WHERE f.attempt = take_noted_files.attempt AND f.study_id = nw.study_id();
  RETURN FOUND;
END $$;
GRANT EXECUTE ON FUNCTION nw.take_noted_files(uuid) TO nw_coordinator, nw_locating_radiologist, nw_importer;

-- Files that were noted and that no row came to name, for the worker, which deletes them in this transaction.
CREATE OR REPLACE FUNCTION nw.take_unnamed_files() RETURNS TABLE (sha256 text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE expired text[];
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'worker' THEN
    RAISE EXCEPTION 'this role deletes no files' USING ERRCODE = '42501';
  END IF;
  IF NOT pg_try_advisory_xact_lock(hashtextextended('files being stored', 0)) THEN
    RETURN;
  END IF;
  WITH gone AS (
    DELETE FROM file_being_stored f USING (
      SELECT o.attempt, o.sha256 FROM file_being_stored o WHERE o.expires_at < now() ORDER BY o.expires_at LIMIT 100 FOR UPDATE SKIP LOCKED) o
     WHERE f.attempt = o.attempt AND f.sha256 = o.sha256 RETURNING f.sha256
  ) SELECT array_agg(DISTINCT g.sha256) INTO expired FROM gone g;
  -- Of those that somebody else is about to name, that note is left.
  RETURN QUERY SELECT e.sha256 FROM unnest(expired) AS e (sha256)
    WHERE NOT nw.is_file_named(e.sha256) AND NOT EXISTS (SELECT FROM file_being_stored o WHERE o.sha256 = e.sha256);
END $$;
GRANT EXECUTE ON FUNCTION nw.take_unnamed_files() TO nw_worker;

-- The crops that readers may still be shown and that nobody has drawn in this way, for the worker, which draws those of earlier versions.
CREATE OR REPLACE FUNCTION nw.images_to_draw(rendering text) RETURNS TABLE (study_id uuid, crop_id uuid, sha256 text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.study_id, c.id, c.sha256 FROM nw.current_crop c JOIN nw.studied_node n ON n.id = c.node_id JOIN study s ON s.id = c.study_id AND s.state <> 'locked'
   WHERE nw.claim(1) = 'worker' AND NOT EXISTS (SELECT FROM crop_canvas w WHERE w.crop_id = c.id AND w.rendering = $1)
$$;
GRANT EXECUTE ON FUNCTION nw.images_to_draw(text) TO nw_worker;

-- A crop that a schedule holds is what its readers judge, and one that has reads, imported ones too, is what they judged: it is replaced no more.
CREATE OR REPLACE FUNCTION nw.refuse_scheduled_crop() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM case_crop c JOIN reading_slot s ON s.case_id = c.case_id WHERE c.crop_id = new.id) THEN
    RAISE EXCEPTION 'This crop is in a reading schedule and can no longer be replaced.' USING ERRCODE = 'NW004', CONSTRAINT = 'crop_is_scheduled';
  END IF;
  IF EXISTS (SELECT FROM case_crop c JOIN read r ON r.case_id = c.case_id WHERE c.crop_id = new.id) THEN
    RAISE EXCEPTION 'This crop has reads and can no longer be replaced.' USING ERRCODE = 'NW004', CONSTRAINT = 'crop_is_read';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_scheduled_crop AFTER UPDATE ON crop FOR EACH ROW EXECUTE FUNCTION nw.refuse_scheduled_crop();

-- The same picture with opposite truths: one of the two is wrong, which is better known before the lock than after. Before it whoever sees truth is told, of
-- the own site: to anybody else a pair, or the number of pairs, would tell truth, because images are called alike by whoever brings them. (MATERIALIZED and OFFSET 0: right after an import the planner takes all images for one, and would look for the pairs
-- once for each image.)
CREATE OR REPLACE FUNCTION nw.contradictions() RETURNS TABLE (subject text, node text, plane text, other_subject text, other_node text, other_plane text, identical boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH judged AS (
    SELECT j.*, row_number() OVER (ORDER BY j.subject COLLATE "C", j.ordinal, j.plane COLLATE "C") AS place
      FROM nw.judged_image j JOIN subject s ON s.id = j.subject_id
     WHERE j.study_id = nw.study_id() AND (s.site_id = nw.site_id() OR nw.of_every_site())
       AND (nw.claim(1) IN ('pathologist', 'monitor', 'importer') OR nw.claim(1) = 'principal_investigator' AND nw.locked())
  ), pairs AS MATERIALIZED (
    SELECT a.place, b.place AS other, true AS identical FROM judged a JOIN judged b ON b.pixel_sha256 = a.pixel_sha256 AND a.place < b.place
    UNION ALL
    SELECT least(a.place, b.place), greatest(a.place, b.place), false
      FROM alike_crops x CROSS JOIN LATERAL (SELECT * FROM judged WHERE crop_id = x.crop_id OFFSET 0) a
     CROSS JOIN LATERAL (SELECT * FROM judged WHERE crop_id = x.other_id AND pixel_sha256 <> a.pixel_sha256 OFFSET 0) b
     WHERE x.study_id = nw.study_id()
  )
  SELECT a.subject, a.node, a.plane, b.subject, b.node, b.plane, p.identical
    FROM pairs p JOIN judged a ON a.place = p.place JOIN judged b ON b.place = p.other
   WHERE a.truth <> b.truth ORDER BY a.place, b.place
$$;
GRANT EXECUTE ON FUNCTION nw.contradictions() TO nw_pathologist, nw_monitor, nw_principal_investigator, nw_importer;

-- Whoever may not see a picture before the lock has no copy of it in another study, where it is seen as it is stored: its pixels tell the size. (After the row's
-- policy: whoever may not write it is told nothing.)
CREATE OR REPLACE FUNCTION nw.refuse_hidden_crop() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- The command line sees every study as it is.
  IF nw.claim(1) IS DISTINCT FROM 'importer' AND EXISTS (SELECT FROM membership m JOIN crop c ON c.study_id = m.study_id AND c.sha256 = new.sha256
              WHERE m.person_id = nw.person_id() AND m.study_id <> new.study_id AND NOT nw.locked_before(m.study_id)
                AND NOT EXISTS (SELECT FROM membership o WHERE o.study_id = m.study_id AND o.person_id = m.person_id
                                   AND o.confirmed_at IS NOT NULL AND o.role IN ('coordinator', 'locating_radiologist', 'pathologist', 'monitor'))) THEN
    RAISE EXCEPTION 'This picture is one of a study in which it is not shown to you before the lock. Nothing was saved; somebody else adds it.'
      USING ERRCODE = 'NW004', CONSTRAINT = 'crop_is_hidden';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_hidden_crop AFTER INSERT ON crop FOR EACH ROW EXECUTE FUNCTION nw.refuse_hidden_crop();

-- What blinded readers get of a crop is what the server drew of the very picture that the crop's row describes: it signs both, and nobody names another file, whose size would tell that
-- of the node. Signed: crop_canvas|study|rendering|canvas|what the row says of the picture, as server/services/imaging/canvas-of.ts has it.
CREATE OR REPLACE FUNCTION nw.refuse_made_up_canvas() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c crop := (SELECT c FROM crop c WHERE c.id = new.crop_id AND c.study_id = new.study_id);
  said text := array_to_string(ARRAY['crop_canvas', new.study_id::text, new.rendering, new.sha256, c.sha256, c.original_sha256, c.bit_depth::text, c.window_low::text,
    c.window_high::text, c.window_rule, c.pixel_sha256, c.signature, c.width::text, c.height::text], '|', '');
BEGIN
  IF NOT nw.is_installation() AND NOT nw.is_vouched(said, new.voucher) THEN
    RAISE EXCEPTION 'A picture comes into a study by its bytes, as the server reads and draws them. Nothing was saved; upload the file itself.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'canvas_was_not_drawn';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_canvas AFTER INSERT ON crop_canvas FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_canvas();

-- And each picture has its canvas once its transaction ends: a case without one would be shown to nobody, and hold its reader up.
CREATE OR REPLACE FUNCTION nw.refuse_undrawn_crop() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT nw.is_installation() AND NOT EXISTS (SELECT FROM crop_canvas w WHERE w.crop_id = new.id) THEN
    RAISE EXCEPTION 'A picture comes into a study by its bytes, as the server reads and draws them. Nothing was saved; upload the file itself.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'canvas_was_not_drawn';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER refuse_undrawn_crop AFTER INSERT ON crop DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.sha256 IS NOT NULL) EXECUTE FUNCTION nw.refuse_undrawn_crop();

-- What a new picture is held against (server/services/imaging/note-alike-crops.ts): the pictures of the other nodes, of every site, which are told to the server alone,
-- by its word for this one. (Whoever asks holds the lock "pictures of a study": of two that come at once the later finds the earlier.)
CREATE OR REPLACE FUNCTION nw.pictures_beside(crop uuid, voucher text) RETURNS TABLE (id uuid, signature text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'locating_radiologist' OR NOT nw.is_vouched(concat_ws('|', 'pictures_beside', nw.study_id(), $1), $2) THEN
    RAISE EXCEPTION 'pictures are compared by the server' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY SELECT o.id, o.signature FROM nw.current_crop o JOIN crop c ON c.id = $1 AND c.study_id = nw.study_id()
    WHERE o.study_id = c.study_id AND o.node_id <> c.node_id AND o.signature IS NOT NULL;
END $$;
-- And which of them it found alike: `others` are their ids with a blank between.
CREATE OR REPLACE FUNCTION nw.note_alike(crop uuid, others text, voucher text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'locating_radiologist' OR NOT nw.is_vouched(concat_ws('|', 'alike_crops', nw.study_id(), $1, $2), $3) THEN
    RAISE EXCEPTION 'pictures are compared by the server' USING ERRCODE = '42501';
  END IF;
  INSERT INTO alike_crops (study_id, crop_id, other_id) SELECT nw.study_id(), $1, o::uuid FROM string_to_table($2, ' ') o ON CONFLICT DO NOTHING;
END $$;
GRANT EXECUTE ON FUNCTION nw.pictures_beside(uuid, text), nw.note_alike(uuid, text, text) TO nw_locating_radiologist;
