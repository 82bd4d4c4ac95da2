-- A correction of a read is a new row that names the one it replaces.
CREATE VIEW nw.current_read WITH (security_invoker = true) AS
  SELECT * FROM read r WHERE NOT EXISTS (SELECT FROM read n WHERE n.supersedes = r.id AND n.study_id = r.study_id);
GRANT SELECT ON nw.current_read TO nw_data_scientist, nw_principal_investigator, nw_importer, nw_worker;
