CREATE TABLE "bundle" (
	"id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"analysis_id" uuid NOT NULL,
	"sha256" text,
	CONSTRAINT "bundle_once" UNIQUE("analysis_id")
);
--> statement-breakpoint
ALTER TABLE "bundle" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "bundle" ADD CONSTRAINT "bundle_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bundle" ADD CONSTRAINT "bundle_of_job" FOREIGN KEY ("id","study_id") REFERENCES "public"."job"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bundle" ADD CONSTRAINT "bundle_of_analysis" FOREIGN KEY ("analysis_id","study_id") REFERENCES "public"."analysis"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bundle" ADD CONSTRAINT "bundle_of_file" FOREIGN KEY ("study_id","sha256") REFERENCES "public"."stored_object"("study_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "bundle" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "bundle" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_data_scientist_principal_investigator_importer" ON "bundle" AS PERMISSIVE FOR INSERT TO "nw_data_scientist", "nw_importer", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "update_worker" ON "bundle" AS PERMISSIVE FOR UPDATE TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_worker" ON "baseline_value" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
