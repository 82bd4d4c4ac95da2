ALTER TABLE "image_upload" DROP CONSTRAINT "image_upload_source";--> statement-breakpoint
ALTER TABLE "image_upload" ADD CONSTRAINT "image_upload_source" CHECK (source in ('browser', 'command_line'));
