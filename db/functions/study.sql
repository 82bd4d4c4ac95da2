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

-- That a pathology report is there, of the own site, not what it says.
CREATE OR REPLACE FUNCTION nw.reported_nodes() RETURNS TABLE (node_id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.node_id FROM nw.current_report p JOIN node n ON n.id = p.node_id JOIN subject s ON s.id = n.subject_id
   WHERE p.study_id = nw.study_id() AND (s.site_id = nw.site_id() OR nw.of_every_site()) AND nw.claim(1) IN ('coordinator', 'locating_radiologist', 'principal_investigator', 'pathologist', 'monitor', 'importer')
$$;
GRANT EXECUTE ON FUNCTION nw.reported_nodes() TO nw_coordinator, nw_locating_radiologist, nw_principal_investigator, nw_pathologist, nw_monitor, nw_importer;

-- Counts for the pages that say where the study stands; no value of any single record. Who withdrew counts by the widest scope, and nodes of whoever wants them
-- used no more count nowhere (from the next transaction on). `planes` is the number of planes of the protocol. A crop is
-- scheduled when every reader has it in a list, or has read it.
CREATE OR REPLACE FUNCTION nw.study_counts(planes int) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH t AS (
    SELECT n.id, EXISTS (SELECT FROM node_size z WHERE z.node_id = n.id) AS sized,
           (SELECT count(DISTINCT c.plane) FROM nw.current_crop c WHERE c.node_id = n.id) AS cropped,
           EXISTS (SELECT FROM pathology_report p WHERE p.node_id = n.id) AS reported
      FROM nw.studied_before n WHERE n.study_id = nw.study_id()
  ), readers AS (
    SELECT reader_code FROM membership WHERE study_id = nw.study_id() AND role = 'reader' AND ended_at IS NULL
  ), had AS (
    SELECT k.crop_id, m.reader_code FROM reading_list l JOIN membership m ON m.id = l.membership_id
     CROSS JOIN LATERAL (SELECT s.case_id FROM reading_slot s WHERE s.list_id = l.id OFFSET 0) s
     CROSS JOIN LATERAL (SELECT k.crop_id FROM case_crop k WHERE k.case_id = s.case_id OFFSET 0) k WHERE l.study_id = nw.study_id()
    UNION ALL
    SELECT k.crop_id, r.reader_code FROM read r CROSS JOIN LATERAL (SELECT k.crop_id FROM case_crop k WHERE k.case_id = r.case_id OFFSET 0) k
     WHERE r.study_id = nw.study_id() AND r.slot_id IS NULL
  ), everywhere AS (
    SELECT crop_id FROM had GROUP BY crop_id
    HAVING count(DISTINCT reader_code) FILTER (WHERE reader_code IN (SELECT reader_code FROM readers)) = (SELECT count(*) FROM readers)
  ), withdrawn AS (
    SELECT array_position(ARRAY['keep', 'no_further_use', 'destroy'], w.scope) AS extent
      FROM subject s CROSS JOIN LATERAL (SELECT scope FROM consent_withdrawal w WHERE w.subject_id = s.id
             ORDER BY array_position(ARRAY['keep', 'no_further_use', 'destroy'], scope) DESC LIMIT 1) w
     WHERE s.study_id = nw.study_id() AND s.status = 'enrolled'
  ), crops AS (
    SELECT c.id, c.id IN (SELECT crop_id FROM everywhere) AS scheduled FROM nw.current_crop c JOIN t ON t.id = c.node_id
  )
  SELECT jsonb_build_object(
    'screened', (SELECT count(*) FROM subject WHERE study_id = nw.study_id()),
    'screening', (SELECT count(*) FROM subject WHERE study_id = nw.study_id() AND status = 'screening'),
    'screenFailures', (SELECT count(*) FROM subject WHERE study_id = nw.study_id() AND status = 'screen_failure'),
    'eligible', (SELECT count(*) FROM subject WHERE study_id = nw.study_id() AND status = 'eligible'),
    'enrolled', (SELECT count(*) FROM subject WHERE study_id = nw.study_id() AND status = 'enrolled'),
    'withdrawnKept', (SELECT count(*) FROM withdrawn WHERE extent = 1), 'withdrawnUnused', (SELECT count(*) FROM withdrawn WHERE extent = 2),
    'withdrawnDestroyed', (SELECT count(*) FROM withdrawn WHERE extent = 3),
    'enrolledWithoutNode', (SELECT count(*) FROM subject s WHERE study_id = nw.study_id() AND status = 'enrolled' AND NOT EXISTS (SELECT FROM node x WHERE x.subject_id = s.id)),
    'nodes', (SELECT count(*) FROM t), 'nodesExcluded', (SELECT count(*) FROM node_exclusion x JOIN node n ON n.id = x.node_id WHERE x.study_id = nw.study_id()
       AND NOT EXISTS (SELECT FROM consent_withdrawal w WHERE w.subject_id = n.subject_id AND w.scope <> 'keep')),
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
