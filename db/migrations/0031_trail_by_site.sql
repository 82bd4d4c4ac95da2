ALTER TABLE "audit_event" ADD COLUMN "site_id" uuid;--> statement-breakpoint
-- As `nw.note_site()` sets it from here on.
GRANT SELECT, UPDATE ON audit_event TO nw_kernel;
GRANT SELECT ON subject, node, exam, image_series, image_instance TO nw_kernel;
ALTER TABLE audit_event DISABLE TRIGGER USER;
SET LOCAL ROLE nw_kernel;
UPDATE audit_event e SET site_id = s.site_id FROM subject s WHERE s.study_id = e.study_id AND e.entity = 'subject' AND s.number = e.entity_id;
UPDATE audit_event e SET site_id = s.site_id FROM subject s JOIN node n ON n.subject_id = s.id
 WHERE s.study_id = e.study_id AND e.entity = 'node' AND s.number || ' ' || n.label = e.entity_id;
UPDATE audit_event e SET site_id = s.site_id FROM exam x JOIN subject s ON s.id = x.subject_id
 WHERE e.entity = 'exam' AND x.study_id = e.study_id AND x.id::text = e.entity_id;
UPDATE audit_event e SET site_id = s.site_id FROM image_instance i JOIN image_series r ON r.id = i.series_id JOIN exam x ON x.id = r.exam_id JOIN subject s ON s.id = x.subject_id
 WHERE e.entity = 'image' AND i.study_id = e.study_id AND i.id::text = e.entity_id;
RESET ROLE;
ALTER TABLE audit_event ENABLE TRIGGER USER;--> statement-breakpoint
ALTER TABLE "audit_event" ADD CONSTRAINT "audit_event_of_site" FOREIGN KEY ("site_id","study_id") REFERENCES "public"."site"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER POLICY "select_coordinator_principal_investigator_monitor_administrator" ON "audit_event" TO nw_administrator,nw_coordinator,nw_monitor,nw_principal_investigator USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and ((select nw.of_every_site()) or site_id is null or site_id = (select nw.site_id()))));