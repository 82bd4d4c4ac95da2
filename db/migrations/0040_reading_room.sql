ALTER TABLE "person_setting" DROP CONSTRAINT "person_setting_name";--> statement-breakpoint
ALTER TABLE "read" ADD COLUMN "display" jsonb;--> statement-breakpoint
ALTER TABLE "person_setting" ADD CONSTRAINT "person_setting_name" CHECK (name in ('viewer_keys', 'reading_keys'));--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_display" CHECK (display is null or source = 'reader' and octet_length(display::text) <= 500);--> statement-breakpoint
-- As `nw.note_site()` sets it from here on.
GRANT SELECT, UPDATE ON audit_event TO nw_kernel;
GRANT SELECT ON site TO nw_kernel;
ALTER TABLE audit_event DISABLE TRIGGER USER;
SET LOCAL ROLE nw_kernel;
UPDATE audit_event e SET site_id = s.id FROM site s WHERE e.entity = 'site' AND s.study_id = e.study_id AND s.name = e.entity_id;
RESET ROLE;
ALTER TABLE audit_event ENABLE TRIGGER USER;
