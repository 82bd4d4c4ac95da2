ALTER TABLE "study" ADD COLUMN "lock_transaction" bigint;--> statement-breakpoint
ALTER TABLE "consent_withdrawal" ADD COLUMN "transaction" bigint DEFAULT txid_current()::bigint NOT NULL;--> statement-breakpoint
ALTER TABLE "node_exclusion" ADD COLUMN "transaction" bigint DEFAULT txid_current()::bigint NOT NULL;--> statement-breakpoint
DROP POLICY "select_coordinator_locating_radiologist_pathologist_monitor_imp" ON "node_match";--> statement-breakpoint
DROP POLICY "select_coordinator_locating_radiologist_pathologist_monitor_imp" ON "specimen";--> statement-breakpoint
CREATE POLICY "select_pathologist_monitor_importer" ON "node_match" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_monitor", "nw_pathologist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and node_id in (select id from node)));--> statement-breakpoint
CREATE POLICY "select_pathologist_monitor_importer" ON "specimen" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_monitor", "nw_pathologist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));
