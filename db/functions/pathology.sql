-- Pathology.

-- A specimen is one node. That it is another one, too, needs a reason: the truth of both would come from the same tissue.
-- (After the row's policy: whoever may not write it is told nothing.)
CREATE OR REPLACE FUNCTION nw.refuse_shared_specimen() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE other record;
BEGIN
  PERFORM nw.hold('matches of a specimen', new.specimen_id::text);
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
