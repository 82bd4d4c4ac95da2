CREATE TABLE "baseline_value" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"subject_id" uuid NOT NULL,
	"protocol_version_id" uuid NOT NULL,
	"item_key" text NOT NULL,
	"value" jsonb,
	"reason" text,
	"recorded_by" uuid DEFAULT nw.person_id() NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "baseline_value_scalar" CHECK (jsonb_typeof(value) in ('number', 'string'))
);
--> statement-breakpoint
CREATE TABLE "criterion_evaluation" (
	"assessment_id" uuid NOT NULL,
	"study_id" uuid NOT NULL,
	"criterion_key" text NOT NULL,
	"answer" text NOT NULL,
	"used" jsonb NOT NULL,
	"override_reason" text,
	CONSTRAINT "criterion_evaluation_assessment_id_criterion_key_pk" PRIMARY KEY("assessment_id","criterion_key")
);
--> statement-breakpoint
ALTER TABLE "criterion_evaluation" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "baseline_value" ADD CONSTRAINT "baseline_value_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "baseline_value" ADD CONSTRAINT "baseline_value_recorded_by_person_id_fk" FOREIGN KEY ("recorded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "baseline_value" ADD CONSTRAINT "baseline_value_of_subject" FOREIGN KEY ("subject_id","study_id") REFERENCES "public"."subject"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "baseline_value" ADD CONSTRAINT "baseline_value_of_protocol_version" FOREIGN KEY ("protocol_version_id","study_id") REFERENCES "public"."protocol_version"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "eligibility_assessment" ADD CONSTRAINT "eligibility_assessment_and_study" UNIQUE("id","study_id");--> statement-breakpoint
ALTER TABLE "criterion_evaluation" ADD CONSTRAINT "criterion_evaluation_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "criterion_evaluation" ADD CONSTRAINT "criterion_evaluation_of_assessment" FOREIGN KEY ("assessment_id","study_id") REFERENCES "public"."eligibility_assessment"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "baseline_value_item" ON "baseline_value" USING btree ("study_id","subject_id","item_key");--> statement-breakpoint
-- Sex, age and T stage become items of the protocol: each row of before becomes one value an item, by whom and when it was. The version is the one that
-- counted then. A value that moves is no deed of anybody: the trail keeps none. (As the kernel, to whom the rows are visible; an empty database has none.)
GRANT SELECT ON baseline, protocol_version TO nw_kernel;
GRANT INSERT ON baseline_value TO nw_kernel;
SET LOCAL ROLE nw_kernel;
INSERT INTO baseline_value (study_id, subject_id, protocol_version_id, item_key, value, recorded_by, recorded_at)
SELECT b.study_id, b.subject_id, v.id, item.key, item.value, b.recorded_by, b.recorded_at
  FROM baseline b
 CROSS JOIN LATERAL (VALUES ('sex', to_jsonb(b.sex)), ('age_years', to_jsonb(b.age_years)), ('t_stage', to_jsonb(b.t_stage))) AS item (key, value)
 CROSS JOIN LATERAL (
   SELECT p.id FROM protocol_version p WHERE p.study_id = b.study_id ORDER BY p.created_at <= b.recorded_at DESC, abs(extract(epoch FROM p.created_at - b.recorded_at)), p.id LIMIT 1) AS v
 WHERE item.value IS NOT NULL;
RESET ROLE;
--> statement-breakpoint
ALTER TABLE "baseline_value" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "baseline" DISABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP POLICY "select_coordinator_locating_radiologist_monitor_principal_inves" ON "baseline" CASCADE;--> statement-breakpoint
DROP POLICY "select_data_scientist" ON "baseline" CASCADE;--> statement-breakpoint
DROP POLICY "insert_coordinator_importer" ON "baseline" CASCADE;--> statement-breakpoint
DROP TABLE "baseline" CASCADE;--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_principal_inves" ON "baseline_value" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_data_scientist" ON "baseline_value" AS PERMISSIVE FOR SELECT TO "nw_data_scientist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_coordinator_importer" ON "baseline_value" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_importer" ON "criterion_evaluation" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and assessment_id in (select id from eligibility_assessment)));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "criterion_evaluation" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_coordinator_importer" ON "criterion_evaluation" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and assessment_id in (select id from eligibility_assessment)));--> statement-breakpoint
DROP TYPE "public"."sex";
