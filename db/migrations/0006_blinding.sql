-- A view is handed out, and a read counts, once the transaction that wrote it has ended: each row names it. Rows of before are of the one that runs now.
ALTER TABLE "reading_progress" ADD COLUMN "transaction" bigint DEFAULT txid_current()::bigint NOT NULL;
--> statement-breakpoint
ALTER TABLE "reading_view" ADD COLUMN "transaction" bigint DEFAULT txid_current()::bigint NOT NULL;
--> statement-breakpoint
ALTER TABLE "reading_view" ALTER COLUMN "first_shown_at" SET DEFAULT clock_timestamp();
--> statement-breakpoint
ALTER TABLE "read" ALTER COLUMN "submitted_at" SET DEFAULT clock_timestamp();
--> statement-breakpoint
ALTER TABLE "reading_view" ADD COLUMN "rendering" text;
--> statement-breakpoint
-- Seed and hash of an order are the importer's before the lock, who has the whole row; the others have columns (`db/guards.ts`).
ALTER POLICY "select_coordinator_principal_investigator_monitor_administrator" ON "reading_list" TO nw_administrator,nw_coordinator,nw_monitor,nw_principal_investigator;
--> statement-breakpoint
CREATE POLICY "select_importer" ON "reading_list" AS PERMISSIVE FOR SELECT TO "nw_importer" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
-- Nobody gives a role to oneself, or a password to an account that is there.
DROP POLICY "insert_administrator_principal_investigator_importer" ON "membership";
--> statement-breakpoint
CREATE POLICY "insert_administrator_principal_investigator" ON "membership" AS PERMISSIVE FOR INSERT TO "nw_administrator", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and person_id <> (select nw.person_id()) and site_id is not distinct from coalesce((select nw.site_id()), site_id)));
--> statement-breakpoint
CREATE POLICY "insert_importer" ON "membership" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE OR REPLACE FUNCTION nw.is_made_now(person uuid) RETURNS boolean LANGUAGE sql STABLE RETURN NULL::boolean;
--> statement-breakpoint
ALTER POLICY "insert_administrator_principal_investigator_importer" ON "credential" WITH CHECK ((select nw.role()) = current_user and ((select nw.is_made_now(person_id))));
--> statement-breakpoint
ALTER TABLE "protocol_version" ALTER COLUMN "created_by" SET DEFAULT nw.person_id();
