ALTER TABLE "credential" ADD COLUMN "by_link" boolean DEFAULT false NOT NULL;--> statement-breakpoint
-- Passwords that were set with a link before it was noted, and since which nothing says that another one was given.
GRANT SELECT ON "audit_event" TO nw_kernel;--> statement-breakpoint
GRANT SELECT, UPDATE ON "credential" TO nw_kernel;--> statement-breakpoint
SET LOCAL ROLE nw_kernel;--> statement-breakpoint
UPDATE "credential" SET "by_link" = true WHERE "person_id"::text IN (SELECT "entity_id" FROM "audit_event" WHERE "action" = 'password.link_used');--> statement-breakpoint
RESET ROLE;--> statement-breakpoint
-- A signature that is none says nothing: as of an image that shows too little.
GRANT SELECT, UPDATE ON "crop" TO nw_kernel;--> statement-breakpoint
ALTER TABLE "crop" DISABLE TRIGGER USER;--> statement-breakpoint
SET LOCAL ROLE nw_kernel;--> statement-breakpoint
UPDATE "crop" SET "signature" = NULL WHERE NOT (length(signature) = 1385 and signature ~ '^[0-9a-f]{16}:[A-Za-z0-9+/]+==$');--> statement-breakpoint
RESET ROLE;--> statement-breakpoint
ALTER TABLE "crop" ENABLE TRIGGER USER;--> statement-breakpoint
ALTER TABLE "crop" ADD CONSTRAINT "crop_signature" CHECK (length(signature) = 1385 and signature ~ '^[0-9a-f]{16}:[A-Za-z0-9+/]+==$');--> statement-breakpoint
-- Which protocol a study has that lost its own, nobody but its people can say.
ALTER TABLE "study" ADD CONSTRAINT "study_has_protocol" CHECK (protocol_version_id is not null) NOT VALID;--> statement-breakpoint
DROP POLICY "insert_principal_investigator_importer" ON "study_lock" CASCADE;--> statement-breakpoint
DROP POLICY "update_sign_in" ON "session" CASCADE;--> statement-breakpoint
DROP POLICY "update_person" ON "session" CASCADE;--> statement-breakpoint
DROP POLICY "select_coordinator_locating_radiologist_pathologist_monitor_imp" ON "stored_object" CASCADE;--> statement-breakpoint
DROP POLICY "select_data_scientist_principal_investigator" ON "stored_object" CASCADE;--> statement-breakpoint
CREATE POLICY "select_importer" ON "stored_object" AS PERMISSIVE FOR SELECT TO "nw_importer" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
ALTER POLICY "select_person" ON "study" TO nw_person USING ((select nw.role()) = current_user and (id in (select study_id from membership where ended_at is null) or created_by = (select nw.person_id()) and created_at = now()));--> statement-breakpoint
ALTER POLICY "select_person" ON "site" TO nw_person USING ((select nw.role()) = current_user and (study_id in (select study_id from membership where confirmed_at is not null and ended_at is null)));--> statement-breakpoint
ALTER POLICY "select_person" ON "protocol_version" TO nw_person USING ((select nw.role()) = current_user and (study_id in (select study_id from membership where confirmed_at is not null and ended_at is null)));
