-- Pathology.

-- A specimen is one node. That it is another one, too, needs a reason: the truth of both would come from the same tissue.
-- (After the row's policy: whoever may not write it is told nothing.)
CREATE OR REPLACE FUNCTION nw.refuse_shared_specimen() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE other record;
BEGIN
  PERFORM nw.take_lock('matches of a specimen', new.specimen_id::text);
  IF new.shared_reason IS NOT NULL THEN RETURN NULL; END IF;
  SELECT n.label AS node, s.label AS specimen INTO other FROM nw.current_match m JOIN node n ON n.id = m.node_id JOIN specimen s ON s.id = m.specimen_id
   WHERE m.specimen_id = new.specimen_id AND m.study_id = new.study_id AND m.node_id <> new.node_id LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'Specimen % is node % already. Give the reason why it is this node, too.', other.specimen, other.node
      USING ERRCODE = 'NW004', CONSTRAINT = 'specimen_of_other_node', DETAIL = jsonb_build_object('specimen', other.specimen, 'node', other.node)::text;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_shared_specimen AFTER INSERT ON node_match FOR EACH ROW EXECUTE FUNCTION nw.refuse_shared_specimen();

-- The images of the claim's study that readers and network are judged on, for those who see truth and reads after the lock (the command line before it, too). As the
-- kernel, because they are found through the keys, which row policies keep from being used (db/CONVENTIONS.md).
CREATE OR REPLACE FUNCTION nw.labelled_images() RETURNS SETOF nw.judged_image LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT j.* FROM nw.judged_image j
   WHERE j.study_id = nw.study_id() AND (nw.claim(1) = 'importer' OR nw.claim(1) IN ('data_scientist', 'principal_investigator', 'worker') AND nw.locked())
$$;
GRANT EXECUTE ON FUNCTION nw.labelled_images() TO nw_data_scientist, nw_principal_investigator, nw_importer, nw_worker;

-- What divides the subjects of judged images into subgroups: site, scanner of the latest exam, and the current value of baseline items that are choices (text values
-- alone: whoever asks names them by the protocol), under `baseline_` and the item's key: an item can be called site, too. For those who see truth and reads after the lock, as `nw.labelled_images`.
CREATE OR REPLACE FUNCTION nw.subject_groups() RETURNS TABLE (subject_id uuid, factor text, value text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH subjects AS MATERIALIZED (
    SELECT s.id, s.site_id FROM subject s WHERE s.study_id = nw.study_id() AND nw.locked()
       AND nw.claim(1) IN ('importer', 'data_scientist', 'principal_investigator', 'worker'))
  SELECT s.id, 'site', t.name FROM subjects s JOIN site t ON t.id = s.site_id
  UNION ALL
  SELECT e.subject_id, 'scanner', e.scanner FROM subjects s
    CROSS JOIN LATERAL (SELECT x.subject_id, x.scanner FROM exam x WHERE x.subject_id = s.id ORDER BY x.recorded_at DESC, x.id DESC LIMIT 1) e
  UNION ALL
  SELECT b.subject_id, 'baseline_' || b.item_key, b.value #>> '{}' FROM subjects s JOIN nw.current_baseline b ON b.subject_id = s.id AND b.study_id = nw.study_id()
   WHERE jsonb_typeof(b.value) = 'string'
$$;
GRANT EXECUTE ON FUNCTION nw.subject_groups() TO nw_data_scientist, nw_principal_investigator, nw_importer, nw_worker;
