-- Accounts have administrators, can be closed, and say whether their password is somebody else's knowledge; a link sets a new one.
CREATE FUNCTION nw.administers(person uuid) RETURNS boolean LANGUAGE sql STABLE RETURN NULL::boolean;
--> statement-breakpoint
CREATE TABLE "password_link" (
	"secret_sha256" text PRIMARY KEY NOT NULL,
	"person_id" uuid NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "password_link" ADD CONSTRAINT "password_link_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "password_link" ADD CONSTRAINT "password_link_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "person" ADD COLUMN "administrator" boolean DEFAULT false NOT NULL;
--> statement-breakpoint
ALTER TABLE "person" ADD COLUMN "demonstration" boolean DEFAULT false NOT NULL;
--> statement-breakpoint
ALTER TABLE "person" ADD COLUMN "disabled_at" timestamp with time zone;
--> statement-breakpoint
ALTER TABLE "credential" ADD COLUMN "must_change" boolean DEFAULT false NOT NULL;
--> statement-breakpoint
DROP POLICY "insert_administrator_principal_investigator_importer" ON "credential";
--> statement-breakpoint
DROP POLICY "insert_administrator_principal_investigator_importer" ON "person";
--> statement-breakpoint
DROP POLICY "select_person" ON "person";
--> statement-breakpoint
CREATE POLICY "select_person" ON "audit_event" AS PERMISSIVE FOR SELECT TO "nw_person" USING ((select nw.role()) = current_user and (study_id is null and (select nw.administers((select nw.person_id())))));
--> statement-breakpoint
CREATE POLICY "insert_administrator_principal_investigator_importer_person" ON "credential" AS PERMISSIVE FOR INSERT TO "nw_administrator", "nw_importer", "nw_person", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (must_change and (select nw.is_made_now(person_id))));
--> statement-breakpoint
CREATE POLICY "select_person" ON "person" AS PERMISSIVE FOR SELECT TO "nw_person" USING ((select nw.role()) = current_user and (id = (select nw.person_id()) or (select nw.administers((select nw.person_id())))));
--> statement-breakpoint
CREATE POLICY "select_coordinator_principal_investigator_monitor_administrator" ON "person" AS PERMISSIVE FOR SELECT TO "nw_administrator", "nw_coordinator", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (program and exists (select from audit_event where audit_event.person_id = person.id)));
--> statement-breakpoint
CREATE POLICY "insert_person" ON "person" AS PERMISSIVE FOR INSERT TO "nw_person" WITH CHECK ((select nw.role()) = current_user and ((select nw.administers((select nw.person_id())))));
--> statement-breakpoint
CREATE POLICY "insert_importer" ON "person" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (true));
--> statement-breakpoint
CREATE POLICY "insert_administrator_principal_investigator" ON "person" AS PERMISSIVE FOR INSERT TO "nw_administrator", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (not may_create_studies));
--> statement-breakpoint
-- Until now nobody could change a password: whoever made an account knows it. The one of the demonstration is everybody's and stays.
GRANT SELECT, UPDATE ON "person", "credential" TO nw_kernel;
SET LOCAL ROLE nw_kernel;
UPDATE "person" SET "demonstration" = true WHERE "email" LIKE '%@demo.nodewise.example';
UPDATE "person" SET "administrator" = true WHERE "email" = 'admin@demo.nodewise.example';
UPDATE "credential" SET "must_change" = true WHERE "person_id" NOT IN (SELECT "id" FROM "person" WHERE "demonstration");
RESET ROLE;
