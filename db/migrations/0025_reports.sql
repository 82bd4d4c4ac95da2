CREATE TABLE "report" (
	"id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"analysis_id" uuid NOT NULL,
	"language" text NOT NULL,
	"records" json NOT NULL,
	CONSTRAINT "report_and_study" UNIQUE("id","study_id")
);
--> statement-breakpoint
ALTER TABLE "report" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "report_files" (
	"report_id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"word_sha256" text NOT NULL,
	"pdf_sha256" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "report_files" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "report" ADD CONSTRAINT "report_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "report" ADD CONSTRAINT "report_of_job" FOREIGN KEY ("id","study_id") REFERENCES "public"."job"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "report" ADD CONSTRAINT "report_of_analysis" FOREIGN KEY ("analysis_id","study_id") REFERENCES "public"."analysis"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "report_files" ADD CONSTRAINT "report_files_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "report_files" ADD CONSTRAINT "report_files_of_report" FOREIGN KEY ("report_id","study_id") REFERENCES "public"."report"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "report_files" ADD CONSTRAINT "report_files_of_word_file" FOREIGN KEY ("study_id","word_sha256") REFERENCES "public"."stored_object"("study_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "report_files" ADD CONSTRAINT "report_files_of_pdf_file" FOREIGN KEY ("study_id","pdf_sha256") REFERENCES "public"."stored_object"("study_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "report" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "report" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_data_scientist_principal_investigator_importer" ON "report" AS PERMISSIVE FOR INSERT TO "nw_data_scientist", "nw_importer", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "report_files" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "report_files" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_worker" ON "report_files" AS PERMISSIVE FOR INSERT TO "nw_worker" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));