-- A correction of a report is a new row: the newest of a node counts.
CREATE VIEW nw.current_report WITH (security_invoker = true) AS
  SELECT DISTINCT ON (study_id, node_id) * FROM pathology_report ORDER BY study_id, node_id, reported_at DESC, id;
GRANT SELECT ON nw.current_report TO nw_pathologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_importer, nw_worker;

-- The newest match of a node counts; the report that rests on one names it.
CREATE VIEW nw.current_match WITH (security_invoker = true) AS
  SELECT DISTINCT ON (study_id, node_id) * FROM node_match ORDER BY study_id, node_id, matched_at DESC, id;
GRANT SELECT ON nw.current_match TO nw_pathologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_importer;

-- The images that readers and network are judged on, each with its reference standard: the crop is the current one, its node is in the study, and
-- pathology found and reported it. `truth`: 1 = positive. Image by image through the keys (OFFSET 0 keeps it so): right after an import the planner knows
-- no sizes yet, and what it chose for a study of 5,000 images took minutes.
CREATE VIEW nw.judged_image WITH (security_invoker = true) AS
  SELECT c.study_id, c.id AS crop_id, c.plane, c.sha256, c.pixel_sha256, c.signature, c.width, c.height,
         n.id AS node_id, n.label AS node, n.ordinal, s.id AS subject_id, s.number AS subject,
         (r.result = 'positive')::int AS truth, z.short_axis_mm
    FROM nw.current_crop c
    JOIN LATERAL (SELECT * FROM nw.studied_node WHERE id = c.node_id AND study_id = c.study_id OFFSET 0) n ON true
    JOIN LATERAL (SELECT * FROM subject WHERE id = n.subject_id AND study_id = c.study_id OFFSET 0) s ON true
    JOIN LATERAL (SELECT result FROM nw.current_report WHERE node_id = n.id AND study_id = c.study_id OFFSET 0) r ON r.result <> 'not_found'
    LEFT JOIN LATERAL (SELECT short_axis_mm FROM nw.current_size WHERE node_id = n.id AND study_id = c.study_id OFFSET 0) z ON true;
GRANT SELECT ON nw.judged_image TO nw_data_scientist, nw_principal_investigator, nw_importer, nw_worker;
