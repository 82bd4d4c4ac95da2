-- A correction of a read is a new row that names the one it replaces.
CREATE VIEW nw.current_read WITH (security_invoker = true) AS
  SELECT * FROM read r WHERE NOT EXISTS (SELECT FROM read n WHERE n.supersedes = r.id AND n.study_id = r.study_id);
GRANT SELECT ON nw.current_read TO nw_data_scientist, nw_principal_investigator, nw_importer, nw_worker;

-- The places of the schedule that count: those that were read, and those still to be read. A place whose node has left the study, or whose list was closed,
-- is read no more. For functions alone: whoever follows the progress sees no places.
CREATE VIEW nw.due_slot WITH (security_invoker = true) AS
  SELECT s.* FROM reading_slot s
   WHERE EXISTS (SELECT FROM reading_progress p WHERE p.slot_id = s.id)
      OR (NOT EXISTS (SELECT FROM reading_closure c WHERE c.list_id = s.list_id)
          AND EXISTS (SELECT FROM reading_case k JOIN nw.studied_node n ON n.id = k.node_id WHERE k.id = s.case_id));
