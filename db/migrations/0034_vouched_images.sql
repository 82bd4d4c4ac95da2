ALTER TABLE "image_quality" DROP CONSTRAINT "image_quality_verdict";--> statement-breakpoint
ALTER TABLE "measurement" DROP CONSTRAINT "measurement_ends";--> statement-breakpoint
ALTER TABLE "image_instance" ADD COLUMN "voucher" text;--> statement-breakpoint
ALTER TABLE "image_instance" ADD CONSTRAINT "image_instance_voucher" CHECK (voucher ~ '^[0-9a-f]{64}$');--> statement-breakpoint
ALTER TABLE "image_quality" ADD CONSTRAINT "image_quality_verdict" CHECK (verdict in ('usable', 'limited', 'unusable') and (verdict = 'usable' or cardinality(reasons) > 0));--> statement-breakpoint
ALTER TABLE "measurement" ADD CONSTRAINT "measurement_ends" CHECK (cardinality(ends) = 12);--> statement-breakpoint
DROP POLICY "insert_locating_radiologist_importer" ON "alike_crops" CASCADE;--> statement-breakpoint
CREATE POLICY "insert_importer" ON "alike_crops" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and crop_id in (select id from crop) and other_id in (select id from crop)));