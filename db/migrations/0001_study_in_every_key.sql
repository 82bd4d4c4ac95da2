-- Every key between two tables of a study carries the study. As drizzle-kit writes it, but keys go before the constraints they need, and come after.
ALTER TABLE "baseline" DROP CONSTRAINT "baseline_subject_id_subject_id_fk";
--> statement-breakpoint
ALTER TABLE "consent" DROP CONSTRAINT "consent_subject_id_subject_id_fk";
--> statement-breakpoint
ALTER TABLE "eligibility_assessment" DROP CONSTRAINT "eligibility_assessment_subject_id_subject_id_fk";
--> statement-breakpoint
ALTER TABLE "eligibility_assessment" DROP CONSTRAINT "eligibility_assessment_protocol_version_id_protocol_version_id_fk";
--> statement-breakpoint
ALTER TABLE "exam" DROP CONSTRAINT "exam_subject_id_subject_id_fk";
--> statement-breakpoint
ALTER TABLE "subject" DROP CONSTRAINT "subject_site_id_site_id_fk";
--> statement-breakpoint
ALTER TABLE "subject_identity" DROP CONSTRAINT "subject_identity_subject_id_subject_id_fk";
--> statement-breakpoint
ALTER TABLE "analysis_result" DROP CONSTRAINT "analysis_result_run_id_model_run_id_fk";
--> statement-breakpoint
ALTER TABLE "crop" DROP CONSTRAINT "crop_node_id_node_id_fk";
--> statement-breakpoint
ALTER TABLE "node" DROP CONSTRAINT "node_subject_id_subject_id_fk";
--> statement-breakpoint
ALTER TABLE "node_exclusion" DROP CONSTRAINT "node_exclusion_node_id_node_id_fk";
--> statement-breakpoint
ALTER TABLE "node_size" DROP CONSTRAINT "node_size_node_id_node_id_fk";
--> statement-breakpoint
ALTER TABLE "model_run" DROP CONSTRAINT "model_run_of_sweep";
--> statement-breakpoint
ALTER TABLE "model_run" DROP CONSTRAINT "model_run_beside";
--> statement-breakpoint
ALTER TABLE "node_match" DROP CONSTRAINT "node_match_node_id_node_id_fk";
--> statement-breakpoint
ALTER TABLE "node_match" DROP CONSTRAINT "node_match_specimen_id_specimen_id_fk";
--> statement-breakpoint
ALTER TABLE "pathology_report" DROP CONSTRAINT "pathology_report_node_id_node_id_fk";
--> statement-breakpoint
ALTER TABLE "specimen" DROP CONSTRAINT "specimen_subject_id_subject_id_fk";
--> statement-breakpoint
ALTER TABLE "membership" DROP CONSTRAINT "membership_site_id_site_id_fk";
--> statement-breakpoint
ALTER TABLE "read" DROP CONSTRAINT "read_crop_id_crop_id_fk";
--> statement-breakpoint
ALTER TABLE "read" DROP CONSTRAINT "read_slot_id_reading_slot_id_fk";
--> statement-breakpoint
ALTER TABLE "read" DROP CONSTRAINT "read_protocol_version_id_protocol_version_id_fk";
--> statement-breakpoint
ALTER TABLE "reading_list" DROP CONSTRAINT "reading_list_membership_id_membership_id_fk";
--> statement-breakpoint
ALTER TABLE "reading_list" DROP CONSTRAINT "reading_list_protocol_version_id_protocol_version_id_fk";
--> statement-breakpoint
ALTER TABLE "reading_progress" DROP CONSTRAINT "reading_progress_slot_id_reading_slot_id_fk";
--> statement-breakpoint
ALTER TABLE "reading_progress" DROP CONSTRAINT "reading_progress_list_id_reading_list_id_fk";
--> statement-breakpoint
ALTER TABLE "reading_slot" DROP CONSTRAINT "reading_slot_list_id_reading_list_id_fk";
--> statement-breakpoint
ALTER TABLE "reading_slot" DROP CONSTRAINT "reading_slot_crop_id_crop_id_fk";
--> statement-breakpoint
ALTER TABLE "reading_view" DROP CONSTRAINT "reading_view_slot_id_reading_slot_id_fk";
--> statement-breakpoint
ALTER TABLE "freeze_sweep" DROP CONSTRAINT "freeze_sweep_and_snapshot";
--> statement-breakpoint
ALTER TABLE "model_run" DROP CONSTRAINT "model_run_and_snapshot";
--> statement-breakpoint
ALTER TABLE "pathology_report" ADD COLUMN "match_id" uuid;
--> statement-breakpoint
-- A report names the match that it rests on: of the reports there are, the newest match of the node at that time. A derived value is no deed of
-- anybody: the trail keeps none. (In an empty database the kernel has no rights yet, and finds no rows.)
GRANT SELECT, UPDATE ON pathology_report TO nw_kernel;
GRANT SELECT ON node_match TO nw_kernel;
ALTER TABLE pathology_report DISABLE TRIGGER USER;
SET LOCAL ROLE nw_kernel;
UPDATE pathology_report r SET match_id = (
  SELECT m.id FROM node_match m WHERE m.node_id = r.node_id AND m.study_id = r.study_id AND m.matched_at <= r.reported_at ORDER BY m.matched_at DESC, m.id LIMIT 1)
 WHERE r.result <> 'not_found';
RESET ROLE;
ALTER TABLE pathology_report ENABLE TRIGGER USER;
--> statement-breakpoint
ALTER TABLE "subject" ADD CONSTRAINT "subject_and_study" UNIQUE("id","study_id");
--> statement-breakpoint
ALTER TABLE "node" ADD CONSTRAINT "node_and_study" UNIQUE("id","study_id");
--> statement-breakpoint
ALTER TABLE "freeze_sweep" ADD CONSTRAINT "freeze_sweep_and_snapshot" UNIQUE("id","snapshot_id","study_id");
--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_and_snapshot" UNIQUE("id","snapshot_id","study_id");
--> statement-breakpoint
ALTER TABLE "node_match" ADD CONSTRAINT "node_match_and_node" UNIQUE("id","node_id","study_id");
--> statement-breakpoint
ALTER TABLE "pathology_report" ADD CONSTRAINT "pathology_report_and_node" UNIQUE("id","node_id","study_id");
--> statement-breakpoint
ALTER TABLE "specimen" ADD CONSTRAINT "specimen_and_study" UNIQUE("id","study_id");
--> statement-breakpoint
ALTER TABLE "membership" ADD CONSTRAINT "membership_and_study" UNIQUE("id","study_id");
--> statement-breakpoint
ALTER TABLE "site" ADD CONSTRAINT "site_and_study" UNIQUE("id","study_id");
--> statement-breakpoint
ALTER TABLE "protocol_version" ADD CONSTRAINT "protocol_version_and_study" UNIQUE("id","study_id");
--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_and_study" UNIQUE("id","study_id");
--> statement-breakpoint
ALTER TABLE "reading_list" ADD CONSTRAINT "reading_list_and_study" UNIQUE("id","study_id");
--> statement-breakpoint
ALTER TABLE "reading_slot" ADD CONSTRAINT "reading_slot_and_study" UNIQUE("id","study_id");
--> statement-breakpoint
ALTER TABLE "baseline" ADD CONSTRAINT "baseline_of_subject" FOREIGN KEY ("subject_id","study_id") REFERENCES "public"."subject"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "consent" ADD CONSTRAINT "consent_of_subject" FOREIGN KEY ("subject_id","study_id") REFERENCES "public"."subject"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "eligibility_assessment" ADD CONSTRAINT "eligibility_assessment_of_subject" FOREIGN KEY ("subject_id","study_id") REFERENCES "public"."subject"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "eligibility_assessment" ADD CONSTRAINT "eligibility_assessment_of_protocol_version" FOREIGN KEY ("protocol_version_id","study_id") REFERENCES "public"."protocol_version"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "exam" ADD CONSTRAINT "exam_of_subject" FOREIGN KEY ("subject_id","study_id") REFERENCES "public"."subject"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "subject" ADD CONSTRAINT "subject_of_site" FOREIGN KEY ("site_id","study_id") REFERENCES "public"."site"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "subject_identity" ADD CONSTRAINT "subject_identity_of_subject" FOREIGN KEY ("subject_id","study_id") REFERENCES "public"."subject"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "analysis_result" ADD CONSTRAINT "analysis_result_of_run" FOREIGN KEY ("run_id","study_id") REFERENCES "public"."model_run"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "crop" ADD CONSTRAINT "crop_of_node" FOREIGN KEY ("node_id","study_id") REFERENCES "public"."node"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "node" ADD CONSTRAINT "node_of_subject" FOREIGN KEY ("subject_id","study_id") REFERENCES "public"."subject"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "node_exclusion" ADD CONSTRAINT "node_exclusion_of_node" FOREIGN KEY ("node_id","study_id") REFERENCES "public"."node"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "node_size" ADD CONSTRAINT "node_size_of_node" FOREIGN KEY ("node_id","study_id") REFERENCES "public"."node"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_of_sweep" FOREIGN KEY ("sweep_id","snapshot_id","study_id") REFERENCES "public"."freeze_sweep"("id","snapshot_id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_beside" FOREIGN KEY ("companion_of","snapshot_id","study_id") REFERENCES "public"."model_run"("id","snapshot_id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "node_match" ADD CONSTRAINT "node_match_of_node" FOREIGN KEY ("node_id","study_id") REFERENCES "public"."node"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "node_match" ADD CONSTRAINT "node_match_of_specimen" FOREIGN KEY ("specimen_id","study_id") REFERENCES "public"."specimen"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "pathology_report" ADD CONSTRAINT "pathology_report_of_node" FOREIGN KEY ("node_id","study_id") REFERENCES "public"."node"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "pathology_report" ADD CONSTRAINT "pathology_report_of_match" FOREIGN KEY ("match_id","node_id","study_id") REFERENCES "public"."node_match"("id","node_id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "pathology_report" ADD CONSTRAINT "pathology_report_of_earlier" FOREIGN KEY ("supersedes","node_id","study_id") REFERENCES "public"."pathology_report"("id","node_id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "specimen" ADD CONSTRAINT "specimen_of_subject" FOREIGN KEY ("subject_id","study_id") REFERENCES "public"."subject"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "membership" ADD CONSTRAINT "membership_of_site" FOREIGN KEY ("site_id","study_id") REFERENCES "public"."site"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_of_crop" FOREIGN KEY ("crop_id","study_id") REFERENCES "public"."crop"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_of_slot" FOREIGN KEY ("slot_id","study_id") REFERENCES "public"."reading_slot"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_of_protocol_version" FOREIGN KEY ("protocol_version_id","study_id") REFERENCES "public"."protocol_version"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_of_earlier" FOREIGN KEY ("supersedes","study_id") REFERENCES "public"."read"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "reading_list" ADD CONSTRAINT "reading_list_of_member" FOREIGN KEY ("membership_id","study_id") REFERENCES "public"."membership"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "reading_list" ADD CONSTRAINT "reading_list_of_protocol_version" FOREIGN KEY ("protocol_version_id","study_id") REFERENCES "public"."protocol_version"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "reading_progress" ADD CONSTRAINT "reading_progress_of_slot" FOREIGN KEY ("slot_id","study_id") REFERENCES "public"."reading_slot"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "reading_progress" ADD CONSTRAINT "reading_progress_of_list" FOREIGN KEY ("list_id","study_id") REFERENCES "public"."reading_list"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "reading_slot" ADD CONSTRAINT "reading_slot_of_list" FOREIGN KEY ("list_id","study_id") REFERENCES "public"."reading_list"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "reading_slot" ADD CONSTRAINT "reading_slot_of_crop" FOREIGN KEY ("crop_id","study_id") REFERENCES "public"."crop"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "reading_view" ADD CONSTRAINT "reading_view_of_slot" FOREIGN KEY ("slot_id","study_id") REFERENCES "public"."reading_slot"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
-- Deferred, because a study and its first protocol version name each other. drizzle-kit knows no such key.
ALTER TABLE "study" ADD CONSTRAINT "study_of_protocol_version" FOREIGN KEY ("protocol_version_id","id") REFERENCES "public"."protocol_version"("id","study_id")
  DEFERRABLE INITIALLY DEFERRED;
--> statement-breakpoint
DROP POLICY "update_data_scientist" ON "model_run" CASCADE;
--> statement-breakpoint
DROP POLICY "update_principal_investigator" ON "model_run" CASCADE;
--> statement-breakpoint
DROP POLICY "update_worker_importer" ON "model_run" CASCADE;
--> statement-breakpoint
DROP POLICY "select_coordinator_locating_radiologist_reader_pathologist_data" ON "site" CASCADE;
--> statement-breakpoint
DROP POLICY "update_principal_investigator_administrator_importer" ON "study" CASCADE;
--> statement-breakpoint
CREATE POLICY "update_data_scientist_principal_investigator" ON "model_run" AS PERMISSIVE FOR UPDATE TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "update_importer" ON "model_run" AS PERMISSIVE FOR UPDATE TO "nw_importer" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "update_worker" ON "model_run" AS PERMISSIVE FOR UPDATE TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_pathologist_data_scient" ON "site" AS PERMISSIVE FOR SELECT TO "nw_administrator", "nw_coordinator", "nw_data_scientist", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "update_principal_investigator_importer" ON "study" AS PERMISSIVE FOR UPDATE TO "nw_importer", "nw_principal_investigator" USING ((select nw.role()) = current_user and (id = (select nw.study_id()))) WITH CHECK ((select nw.role()) = current_user and (id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "update_administrator" ON "study" AS PERMISSIVE FOR UPDATE TO "nw_administrator" USING ((select nw.role()) = current_user and (id = (select nw.study_id()))) WITH CHECK ((select nw.role()) = current_user and (id = (select nw.study_id())));
--> statement-breakpoint
ALTER POLICY "select_coordinator_locating_radiologist_reader_pathologist_data" ON "membership" TO nw_administrator,nw_coordinator,nw_data_scientist,nw_importer,nw_locating_radiologist,nw_monitor,nw_pathologist,nw_principal_investigator,nw_reader USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
ALTER POLICY "select_coordinator_locating_radiologist_reader_pathologist_data" ON "protocol_version" TO nw_administrator,nw_coordinator,nw_data_scientist,nw_importer,nw_locating_radiologist,nw_monitor,nw_pathologist,nw_principal_investigator,nw_reader USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
