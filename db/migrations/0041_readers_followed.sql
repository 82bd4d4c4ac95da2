-- What was under way has ended with the processes of before.
DELETE FROM "inbox_match";--> statement-breakpoint
ALTER TABLE "inbox_match" DROP CONSTRAINT "inbox_match_pkey";--> statement-breakpoint
ALTER TABLE "inbox_match" ADD COLUMN "attempt" uuid DEFAULT gen_random_uuid() NOT NULL;--> statement-breakpoint
ALTER TABLE "inbox_match" ADD COLUMN "begun_by" uuid DEFAULT nw.person_id() NOT NULL;--> statement-breakpoint
ALTER TABLE "inbox_match" ADD CONSTRAINT "inbox_match_inbox_id_attempt_pk" PRIMARY KEY("inbox_id","attempt");--> statement-breakpoint
CREATE TABLE "display_check" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"membership_id" uuid NOT NULL,
	"dark" integer NOT NULL,
	"bright" integer NOT NULL,
	"width" integer NOT NULL,
	"height" integer NOT NULL,
	"pixel_ratio" integer NOT NULL,
	"passed" boolean NOT NULL,
	"checked_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "display_check_found" CHECK (dark between 0 and 2 and bright between 0 and 2),
	CONSTRAINT "display_check_page" CHECK (width between 1 and 65535 and height between 1 and 65535 and pixel_ratio between 10 and 2000)
);
--> statement-breakpoint
ALTER TABLE "display_check" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "reading_reminder" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"membership_id" uuid NOT NULL,
	"reminded_by" uuid DEFAULT nw.person_id() NOT NULL,
	"reminded_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "reading_reminder" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "display_check" ADD CONSTRAINT "display_check_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "display_check" ADD CONSTRAINT "display_check_of_member" FOREIGN KEY ("membership_id","study_id") REFERENCES "public"."membership"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_reminder" ADD CONSTRAINT "reading_reminder_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_reminder" ADD CONSTRAINT "reading_reminder_reminded_by_person_id_fk" FOREIGN KEY ("reminded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_reminder" ADD CONSTRAINT "reading_reminder_of_member" FOREIGN KEY ("membership_id","study_id") REFERENCES "public"."membership"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "display_check_member" ON "display_check" USING btree ("membership_id");--> statement-breakpoint
CREATE INDEX "reading_reminder_member" ON "reading_reminder" USING btree ("membership_id");--> statement-breakpoint
ALTER TABLE "inbox_match" ADD CONSTRAINT "inbox_match_begun_by_person_id_fk" FOREIGN KEY ("begun_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "select_coordinator_principal_investigator_monitor" ON "display_check" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_data_scientist" ON "display_check" AS PERMISSIVE FOR SELECT TO "nw_data_scientist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_coordinator_principal_investigator_monitor" ON "reading_reminder" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_coordinator_principal_investigator" ON "reading_reminder" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));