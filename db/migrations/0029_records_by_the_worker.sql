ALTER TABLE "report" DROP COLUMN "records";--> statement-breakpoint
ALTER TABLE "report_files" ADD COLUMN "records" json;--> statement-breakpoint
CREATE POLICY "select_worker" ON "eligibility_assessment" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_worker" ON "site" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_worker" ON "study_lock" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
