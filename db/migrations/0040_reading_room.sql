ALTER TABLE "person_setting" DROP CONSTRAINT "person_setting_name";--> statement-breakpoint
ALTER TABLE "read" ADD COLUMN "display" jsonb;--> statement-breakpoint
ALTER TABLE "person_setting" ADD CONSTRAINT "person_setting_name" CHECK (name in ('viewer_keys', 'reading_keys'));--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_display" CHECK (display is null or source = 'reader' and octet_length(display::text) <= 500);