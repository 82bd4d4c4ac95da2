CREATE TABLE "inbox_identity" (
	"inbox_id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"name" text NOT NULL,
	"hospital_number" text NOT NULL,
	"birth_date" text NOT NULL,
	"study_date" text NOT NULL,
	"days" integer NOT NULL,
	CONSTRAINT "inbox_identity_days" CHECK (days <> 0)
);
--> statement-breakpoint
CREATE TABLE "inbox_image" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"inbox_id" uuid NOT NULL,
	"sha256" text NOT NULL,
	"source_digest" text NOT NULL,
	"holds" jsonb NOT NULL,
	"bytes" bigint NOT NULL,
	"received_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "inbox_image_source" UNIQUE("inbox_id","source_digest")
);
--> statement-breakpoint
ALTER TABLE "inbox_image" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "inbox_outcome" (
	"inbox_id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"outcome" text NOT NULL,
	"exam_id" uuid,
	"reason" text,
	"decided_by" uuid DEFAULT nw.person_id() NOT NULL,
	"decided_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "inbox_outcome_known" CHECK (outcome in ('matched', 'turned_away')),
	CONSTRAINT "inbox_outcome_exam" CHECK ((exam_id is not null) = (outcome = 'matched')),
	CONSTRAINT "inbox_outcome_reason" CHECK ((length(trim(reason)) > 0) is true = (outcome = 'turned_away'))
);
--> statement-breakpoint
ALTER TABLE "inbox_outcome" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "inbox_study" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"site_id" uuid NOT NULL,
	"uid" text NOT NULL,
	"patient_digest" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbox_study_and_study" UNIQUE("id","study_id")
);
--> statement-breakpoint
ALTER TABLE "inbox_study" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "inbox_identity" ADD CONSTRAINT "inbox_identity_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_identity" ADD CONSTRAINT "inbox_identity_of_study" FOREIGN KEY ("inbox_id","study_id") REFERENCES "public"."inbox_study"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_image" ADD CONSTRAINT "inbox_image_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_image" ADD CONSTRAINT "inbox_image_of_study" FOREIGN KEY ("inbox_id","study_id") REFERENCES "public"."inbox_study"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_image" ADD CONSTRAINT "inbox_image_of_file" FOREIGN KEY ("study_id","sha256") REFERENCES "public"."stored_object"("study_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_outcome" ADD CONSTRAINT "inbox_outcome_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_outcome" ADD CONSTRAINT "inbox_outcome_decided_by_person_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_outcome" ADD CONSTRAINT "inbox_outcome_of_study" FOREIGN KEY ("inbox_id","study_id") REFERENCES "public"."inbox_study"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_outcome" ADD CONSTRAINT "inbox_outcome_of_exam" FOREIGN KEY ("exam_id","study_id") REFERENCES "public"."exam"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_study" ADD CONSTRAINT "inbox_study_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_study" ADD CONSTRAINT "inbox_study_of_site" FOREIGN KEY ("site_id","study_id") REFERENCES "public"."site"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "inbox_image_file" ON "inbox_image" USING btree ("study_id","sha256");--> statement-breakpoint
CREATE INDEX "inbox_study_uid" ON "inbox_study" USING btree ("study_id","uid");--> statement-breakpoint
CREATE POLICY "select_coordinator_importer" ON "inbox_image" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and inbox_id in (select id from inbox_study)));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "inbox_image" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and inbox_id in (select id from inbox_study)));--> statement-breakpoint
CREATE POLICY "select_coordinator_importer" ON "inbox_outcome" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and inbox_id in (select id from inbox_study)));--> statement-breakpoint
CREATE POLICY "insert_coordinator_importer" ON "inbox_outcome" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and inbox_id in (select id from inbox_study)));--> statement-breakpoint
CREATE POLICY "select_coordinator_importer" ON "inbox_study" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (site_id = (select nw.site_id()) or (select nw.of_every_site()))));