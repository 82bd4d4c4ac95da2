-- The reads that count, of nodes that are in the study, and were submitted here after their reader was told something of their patient, and what: each read once, whatever acts there were. Of reads that were made elsewhere nobody
-- knows the time. Open with the lock: how many there are, by acts that are dated at will, would be the order of a reader.
CREATE OR REPLACE FUNCTION nw.reads_after_unblinding() RETURNS TABLE (read_id uuid, subject_id uuid, told unblinded_fact[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.id, n.subject_id, array_agg(DISTINCT f ORDER BY f)
    FROM unblinding u JOIN membership m ON m.id = u.membership_id
    JOIN nw.current_read r ON r.study_id = u.study_id AND r.reader_code = m.reader_code AND r.submitted_at > u.told_at AND r.source <> 'imported'
    JOIN reading_case k ON k.id = r.case_id JOIN nw.studied_node n ON n.id = k.node_id AND n.subject_id = coalesce(u.subject_id, n.subject_id)
   CROSS JOIN LATERAL unnest(u.told) f
   WHERE u.study_id = nw.study_id() AND nw.locked() AND nw.claim(1) IN ('principal_investigator', 'data_scientist', 'importer', 'worker')
   GROUP BY r.id, n.subject_id
$$;
GRANT EXECUTE ON FUNCTION nw.reads_after_unblinding() TO nw_principal_investigator, nw_data_scientist, nw_importer, nw_worker;
