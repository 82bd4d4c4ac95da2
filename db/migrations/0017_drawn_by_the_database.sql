DROP POLICY "insert_principal_investigator_coordinator_importer" ON "reading_list";--> statement-breakpoint
DROP POLICY "insert_principal_investigator_coordinator_importer" ON "reading_slot";--> statement-breakpoint
CREATE POLICY "insert_importer" ON "reading_list" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "reading_slot" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
ALTER POLICY "insert_principal_investigator_importer" ON "study_lock" TO nw_importer,nw_principal_investigator WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and study_id in (select id from study where state = 'locked')));
