-- Studies: what is said of them across the rows that a role sees.

-- The command line works in any study of the installation. Whoever has its signed claim has the server's secret already.
CREATE OR REPLACE FUNCTION nw.every_study() RETURNS TABLE (id uuid, slug text, name text, state study_state, synthetic boolean, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, s.slug, s.name, s.state, s.synthetic, s.created_at FROM study s WHERE nw.claim(1) = 'importer' ORDER BY s.created_at, s.slug
$$;
GRANT EXECUTE ON FUNCTION nw.every_study() TO nw_importer;

-- The numbers that are taken in a study, at whatever site.
CREATE OR REPLACE FUNCTION nw.subject_numbers() RETURNS TABLE (number text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.number FROM subject s WHERE s.study_id = nw.study_id() AND nw.claim(1) = 'coordinator'
$$;
GRANT EXECUTE ON FUNCTION nw.subject_numbers() TO nw_coordinator;

-- That a pathology report is there, not what it says.
CREATE OR REPLACE FUNCTION nw.reported_nodes() RETURNS TABLE (node_id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.node_id FROM nw.current_report p
   WHERE p.study_id = nw.study_id() AND nw.claim(1) IN ('coordinator', 'locating_radiologist', 'principal_investigator', 'pathologist', 'monitor', 'importer')
$$;
GRANT EXECUTE ON FUNCTION nw.reported_nodes() TO nw_coordinator, nw_locating_radiologist, nw_principal_investigator, nw_pathologist, nw_monitor, nw_importer;

-- Counts for the pages that say where the study stands; no value of any single record. `planes` is the number of planes of the protocol. A crop is
-- scheduled when every reader has it in a list, or has read it.
CREATE OR REPLACE FUNCTION nw.study_counts(planes int) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH t AS (
    SELECT n.id, EXISTS (SELECT FROM node_size z WHERE z.node_id = n.id) AS sized,
           (SELECT count(DISTINCT c.plane) FROM nw.current_crop c WHERE c.node_id = n.id) AS cropped,
           EXISTS (SELECT FROM pathology_report p WHERE p.node_id = n.id) AS reported
      FROM nw.studied_node n WHERE n.study_id = nw.study_id()
  ), readers AS (
    SELECT reader_code FROM membership WHERE study_id = nw.study_id() AND role = 'reader' AND ended_at IS NULL
  ), had AS MATERIALIZED (
    SELECT k.crop_id, m.reader_code FROM reading_list l JOIN membership m ON m.id = l.membership_id JOIN reading_slot s ON s.list_id = l.id
      JOIN case_crop k ON k.case_id = s.case_id WHERE l.study_id = nw.study_id()
    UNION
    SELECT k.crop_id, r.reader_code FROM read r JOIN case_crop k ON k.case_id = r.case_id WHERE r.study_id = nw.study_id()
  ), crops AS (
    SELECT c.id, EXISTS (SELECT FROM had h WHERE h.crop_id = c.id)
             AND NOT EXISTS (SELECT FROM readers r WHERE NOT EXISTS (SELECT FROM had h WHERE h.crop_id = c.id AND h.reader_code = r.reader_code)) AS scheduled
      FROM nw.current_crop c JOIN t ON t.id = c.node_id
  )
  SELECT jsonb_build_object(
    'screened', (SELECT count(*) FROM subject WHERE study_id = nw.study_id()),
    'screening', (SELECT count(*) FROM subject WHERE study_id = nw.study_id() AND status = 'screening'),
    'screenFailures', (SELECT count(*) FROM subject WHERE study_id = nw.study_id() AND status = 'screen_failure'),
    'eligible', (SELECT count(*) FROM subject WHERE study_id = nw.study_id() AND status = 'eligible'),
    'enrolled', (SELECT count(*) FROM subject WHERE study_id = nw.study_id() AND status = 'enrolled'),
    'enrolledWithoutNode', (SELECT count(*) FROM subject s WHERE study_id = nw.study_id() AND status = 'enrolled' AND NOT EXISTS (SELECT FROM node x WHERE x.subject_id = s.id)),
    'nodes', (SELECT count(*) FROM t), 'nodesExcluded', (SELECT count(*) FROM node_exclusion WHERE study_id = nw.study_id()),
    'nodesWithoutSize', (SELECT count(*) FROM t WHERE NOT sized), 'nodesLackingCrops', (SELECT count(*) FROM t WHERE cropped < planes),
    'crops', (SELECT count(*) FROM crops),
    'cropsUnscheduled', (SELECT count(*) FROM crops WHERE NOT scheduled),
    'nodesWithoutPathology', (SELECT count(*) FROM t WHERE NOT reported),
    'readsScheduled', (SELECT count(*) FROM nw.due_slot WHERE study_id = nw.study_id()),
    'readsSubmitted', (SELECT count(*) FROM reading_progress WHERE study_id = nw.study_id()))
  WHERE nw.claim(1) IN ('coordinator', 'locating_radiologist', 'pathologist', 'data_scientist', 'principal_investigator', 'monitor', 'administrator', 'importer')
$$;
GRANT EXECUTE ON FUNCTION nw.study_counts(int) TO nw_coordinator, nw_locating_radiologist, nw_pathologist, nw_data_scientist, nw_principal_investigator,
  nw_monitor, nw_administrator, nw_importer;
