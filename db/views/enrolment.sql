-- A correction of a baseline is a new row: the newest of a subject counts.
CREATE VIEW nw.current_baseline WITH (security_invoker = true) AS
  SELECT DISTINCT ON (study_id, subject_id) * FROM baseline ORDER BY study_id, subject_id, recorded_at DESC, id;
GRANT SELECT ON nw.current_baseline TO nw_coordinator, nw_locating_radiologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_importer;
