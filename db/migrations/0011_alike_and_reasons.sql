-- Nearly the same pictures, held against the truth before the lock; why a consent is later than the MRI; whose day it is at a site.
CREATE TABLE "alike_crops" (
	"study_id" uuid NOT NULL,
	"crop_id" uuid NOT NULL,
	"other_id" uuid NOT NULL,
	"found_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "alike_crops_crop_id_other_id_pk" PRIMARY KEY("crop_id","other_id")
);
--> statement-breakpoint
ALTER TABLE "alike_crops" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "consent" ADD COLUMN "reason" text;--> statement-breakpoint
ALTER TABLE "site" ADD COLUMN "time_zone" text;--> statement-breakpoint
ALTER TABLE "alike_crops" ADD CONSTRAINT "alike_crops_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alike_crops" ADD CONSTRAINT "alike_crops_of_crop" FOREIGN KEY ("crop_id","study_id") REFERENCES "public"."crop"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alike_crops" ADD CONSTRAINT "alike_crops_of_other" FOREIGN KEY ("other_id","study_id") REFERENCES "public"."crop"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "alike_crops_other" ON "alike_crops" USING btree ("other_id");--> statement-breakpoint
CREATE POLICY "insert_locating_radiologist_importer" ON "alike_crops" AS PERMISSIVE FOR INSERT TO "nw_importer", "nw_locating_radiologist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and crop_id in (select id from crop) and other_id in (select id from crop)));