-- Reads that were imported while their reader had the case in the schedule: nothing can be submitted there any more (`read_first`), so the place is done. Since then such
-- reads are refused (`nw.refuse_scheduled_read`).
GRANT SELECT ON reading_slot, reading_list, membership, case_crop, read, reading_closure, study TO nw_kernel;
GRANT SELECT, INSERT ON reading_progress TO nw_kernel;
ALTER TABLE reading_progress DISABLE TRIGGER USER;
SET LOCAL ROLE nw_kernel;
INSERT INTO reading_progress (slot_id, study_id, list_id, submitted_at)
SELECT s.id, s.study_id, s.list_id, min(r.submitted_at)
  FROM read r JOIN study y ON y.id = r.study_id AND y.state <> 'locked' JOIN case_crop mine ON mine.case_id = r.case_id JOIN case_crop k ON k.crop_id = mine.crop_id
  JOIN reading_slot s ON s.case_id = k.case_id AND s.study_id = r.study_id AND s.occasion = r.occasion JOIN reading_list l ON l.id = s.list_id AND l.condition_key = r.condition_key
  JOIN membership m ON m.id = l.membership_id AND m.reader_code = r.reader_code
 WHERE r.slot_id IS NULL AND r.supersedes IS NULL AND NOT EXISTS (SELECT FROM reading_progress p WHERE p.slot_id = s.id)
   AND NOT EXISTS (SELECT FROM reading_closure c WHERE c.list_id = s.list_id)
 GROUP BY s.id;
RESET ROLE;
ALTER TABLE reading_progress ENABLE TRIGGER USER;
