-- A correction is a new row: the newest of an item counts, and one that was withdrawn is not there.
CREATE VIEW nw.current_baseline WITH (security_invoker = true) AS
  SELECT * FROM (SELECT DISTINCT ON (study_id, subject_id, item_key) * FROM baseline_value ORDER BY study_id, subject_id, item_key, recorded_at DESC, id) newest
   WHERE value IS NOT NULL;
GRANT SELECT ON nw.current_baseline TO nw_coordinator, nw_locating_radiologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_importer, nw_worker;
