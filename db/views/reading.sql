-- A correction of a read is a new row that names the one it replaces.
CREATE VIEW nw.current_read WITH (security_invoker = true) AS
  SELECT * FROM read r WHERE NOT EXISTS (SELECT FROM read n WHERE n.supersedes = r.id AND n.study_id = r.study_id);
GRANT SELECT ON nw.current_read TO nw_data_scientist, nw_principal_investigator, nw_importer, nw_worker;

-- The places of the schedule that count: those that were read, and those still to be read. A place whose node has left the study (nw.studied_node), or whose
-- list was closed, is read no more. For functions alone: whoever follows the progress sees no places. (From the few that left: each place is asked for often.)
-- What left, or was closed, in this very transaction counts not yet: by how many places a list shrinks, and by what is told once it is read, it says what was read, and would be
-- rolled back without a trace.
CREATE VIEW nw.due_slot WITH (security_invoker = true) AS
  SELECT s.* FROM reading_slot s
   WHERE s.list_id NOT IN (SELECT c.list_id FROM reading_closure c WHERE c.closed_at < now())
     AND s.case_id NOT IN (SELECT k.id FROM reading_case k JOIN node_exclusion x ON x.node_id = k.node_id
                            WHERE x.transaction IS DISTINCT FROM txid_current_if_assigned()
                           UNION ALL SELECT k.id FROM consent_withdrawal w JOIN node n ON n.subject_id = w.subject_id JOIN reading_case k ON k.node_id = n.id
                                      WHERE w.scope <> 'keep' AND w.transaction IS DISTINCT FROM txid_current_if_assigned())
      OR EXISTS (SELECT FROM reading_progress p WHERE p.slot_id = s.id OFFSET 0);

-- Those that are still to be read; what this very transaction read is read.
CREATE VIEW nw.unread_slot WITH (security_invoker = true) AS
  SELECT * FROM nw.due_slot d WHERE NOT EXISTS (SELECT FROM reading_progress p WHERE p.slot_id = d.id OFFSET 0);
