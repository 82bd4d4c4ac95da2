-- A correction of a report is a new row: the newest of a node counts.
CREATE VIEW nw.current_report WITH (security_invoker = true) AS
  SELECT DISTINCT ON (study_id, node_id) * FROM pathology_report ORDER BY study_id, node_id, reported_at DESC, id;
GRANT SELECT ON nw.current_report TO nw_pathologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_importer, nw_worker;

-- The newest match of a node counts; the report that rests on one names it.
CREATE VIEW nw.current_match WITH (security_invoker = true) AS
  SELECT DISTINCT ON (study_id, node_id) * FROM node_match ORDER BY study_id, node_id, matched_at DESC, id;
GRANT SELECT ON nw.current_match TO nw_coordinator, nw_locating_radiologist, nw_pathologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_importer;

-- The images that readers and network are judged on, each with its reference standard: the crop is the current one, its node is in the study, and
-- pathology found and reported it. `truth`: 1 = positive.
CREATE VIEW nw.judged_image WITH (security_invoker = true) AS
  SELECT c.study_id, c.id AS crop_id, c.plane, c.sha256, c.pixel_sha256, c.signature, c.width, c.height,
         n.id AS node_id, n.label AS node, n.ordinal, s.id AS subject_id, s.number AS subject,
         (r.result = 'positive')::int AS truth, z.short_axis_mm
    FROM nw.current_crop c
    JOIN nw.studied_node n ON n.id = c.node_id AND n.study_id = c.study_id
    JOIN subject s ON s.id = n.subject_id AND s.study_id = c.study_id
    JOIN nw.current_report r ON r.node_id = n.id AND r.study_id = c.study_id AND r.result <> 'not_found'
    LEFT JOIN nw.current_size z ON z.node_id = n.id AND z.study_id = c.study_id;
GRANT SELECT ON nw.judged_image TO nw_data_scientist, nw_principal_investigator, nw_importer, nw_worker;
