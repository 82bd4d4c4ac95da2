-- Nodes that are in the study: not taken out by the locating radiologist, nor by their subject, who withdrew and wants them used no more. (Whether pathology
-- found them says their report.)
CREATE VIEW nw.studied_node WITH (security_invoker = true) AS
  SELECT * FROM node n WHERE NOT EXISTS (SELECT FROM node_exclusion x WHERE x.node_id = n.id AND x.study_id = n.study_id)
     AND NOT EXISTS (SELECT FROM consent_withdrawal w WHERE w.subject_id = n.subject_id AND w.study_id = n.study_id AND w.scope <> 'keep');
GRANT SELECT ON nw.studied_node TO nw_coordinator, nw_locating_radiologist, nw_pathologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_importer, nw_worker;

-- The same as earlier transactions left it: what leaves the study in a transaction is counted in it as before, or by how much less is lacking then it would say what was
-- read, and be rolled back without a trace. For functions alone.
CREATE VIEW nw.studied_before WITH (security_invoker = true) AS
  SELECT * FROM node n WHERE NOT EXISTS (SELECT FROM node_exclusion x WHERE x.node_id = n.id AND x.study_id = n.study_id AND x.transaction IS DISTINCT FROM txid_current_if_assigned())
     AND NOT EXISTS (SELECT FROM consent_withdrawal w WHERE w.subject_id = n.subject_id AND w.study_id = n.study_id AND w.scope <> 'keep'
                        AND w.transaction IS DISTINCT FROM txid_current_if_assigned());

-- A re-measurement is a new row: the newest of a node counts.
CREATE VIEW nw.current_size WITH (security_invoker = true) AS
  SELECT DISTINCT ON (study_id, node_id) * FROM node_size ORDER BY study_id, node_id, measured_at DESC, id;
GRANT SELECT ON nw.current_size TO nw_coordinator, nw_locating_radiologist, nw_pathologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_importer, nw_worker;

-- A replaced crop is superseded, never changed.
CREATE VIEW nw.current_crop WITH (security_invoker = true) AS SELECT * FROM crop WHERE superseded_at IS NULL;
GRANT SELECT ON nw.current_crop TO nw_coordinator, nw_locating_radiologist, nw_pathologist, nw_data_scientist, nw_principal_investigator, nw_monitor, nw_importer,
  nw_worker;

-- Files in which letters are still looked for, and whether their images wait for it. A person who looked has looked: what one blacked out or found to name nobody waits no more.
CREATE VIEW nw.unlooked_image WITH (security_invoker = true) AS
  SELECT l.study_id, l.instance_id, l.sha256, l.asked_at, l.taken_at, l.attempts,
         l.waits AND NOT EXISTS (SELECT FROM image_hold h JOIN hold_decision d ON d.hold_id = h.id WHERE h.instance_id = l.instance_id AND h.reason <> 'other_patient') AS waits
    FROM image_look l
   WHERE l.looked_at IS NULL AND NOT EXISTS (SELECT FROM image_black_out b WHERE b.instance_id = l.instance_id AND b.from_sha256 = l.sha256)
     AND NOT EXISTS (SELECT FROM image_hold h JOIN hold_decision d ON d.hold_id = h.id
                      WHERE h.instance_id = l.instance_id AND h.reason <> 'other_patient' AND d.decision <> 'blacked_out' AND d.decided_at > l.asked_at);
GRANT SELECT ON nw.unlooked_image TO nw_coordinator, nw_locating_radiologist, nw_monitor, nw_importer;

-- Images that wait for a person, or that one rejected, or in which letters are looked for first: nothing held is shown, measured or cut.
CREATE VIEW nw.held_image WITH (security_invoker = true) AS
  SELECT h.study_id, h.instance_id FROM image_hold h LEFT JOIN hold_decision d ON d.hold_id = h.id WHERE coalesce(d.decision, 'rejected') = 'rejected'
  UNION SELECT l.study_id, l.instance_id FROM nw.unlooked_image l WHERE l.waits;
GRANT SELECT ON nw.held_image TO nw_coordinator, nw_locating_radiologist, nw_monitor, nw_importer;

-- Crops that show what was filled with black since they were cut: they are exported no more, and whoever decides of images is told which (`list-telling-crops.ts`).
CREATE VIEW nw.blacked_crop WITH (security_invoker = true) AS
  SELECT DISTINCT c.study_id, c.crop_id FROM crop_source c JOIN image_black_out b ON b.instance_id = c.instance_id AND b.study_id = c.study_id AND b.blacked_out_at > c.cut_at
   CROSS JOIN LATERAL jsonb_array_elements(b.boxes) x
   WHERE (x ->> 0)::int < c.box_left + c.box_width AND c.box_left < (x ->> 0)::int + (x ->> 2)::int
     AND (x ->> 1)::int < c.box_top + c.box_height AND c.box_top < (x ->> 1)::int + (x ->> 3)::int;
GRANT SELECT ON nw.blacked_crop TO nw_coordinator, nw_locating_radiologist, nw_monitor, nw_importer;

-- An image with the file that it is now: the one that came, or the one in which letters were filled last.
CREATE VIEW nw.current_image WITH (security_invoker = true) AS
  SELECT i.id, i.study_id, i.series_id, i.upload_id, i.uid, coalesce(b.transfer_syntax_uid, i.transfer_syntax_uid) AS transfer_syntax_uid, coalesce(b.sha256, i.sha256) AS sha256,
         coalesce(b.pixel_sha256, i.pixel_sha256) AS pixel_sha256, coalesce(b.bytes, i.bytes) AS bytes, i.number, i.frames, i.rows, i.columns, i.planes, i.created_at
    FROM image_instance i LEFT JOIN image_black_out b ON b.instance_id = i.id AND b.study_id = i.study_id
     AND NOT EXISTS (SELECT FROM image_black_out l WHERE l.instance_id = b.instance_id AND l.study_id = b.study_id AND l.from_sha256 = b.sha256);
GRANT SELECT ON nw.current_image TO nw_coordinator, nw_locating_radiologist, nw_monitor, nw_importer, nw_data_scientist, nw_principal_investigator, nw_worker;
