-- What two requests at once have made before the indexes below. Of several current crops of a node and plane the one that was read, or is to be read, stays,
-- else the newest: the others are superseded. Of several first reports each later one becomes a correction of the one before; which one counts stays as it
-- was. Of several consents from one enrolment the first stays. (As the kernel, to whom the rows are visible; an empty database has none.)
GRANT SELECT, UPDATE ON crop, pathology_report TO nw_kernel;
GRANT SELECT, DELETE ON consent TO nw_kernel;
GRANT SELECT ON case_crop, reading_slot, read TO nw_kernel;
-- (A table that a migration of this very upgrade made lets the kernel see nothing yet.)
DROP POLICY IF EXISTS kernel ON case_crop;
CREATE POLICY kernel ON case_crop TO nw_kernel USING (true) WITH CHECK (true);
ALTER TABLE crop DISABLE TRIGGER USER;
ALTER TABLE pathology_report DISABLE TRIGGER USER;
ALTER TABLE consent DISABLE TRIGGER USER;
SET LOCAL ROLE nw_kernel;
UPDATE crop SET superseded_at = now() FROM (
  SELECT c.id, row_number() OVER (PARTITION BY c.node_id, c.plane ORDER BY
           EXISTS (SELECT FROM case_crop k JOIN read r ON r.case_id = k.case_id WHERE k.crop_id = c.id) DESC,
           EXISTS (SELECT FROM case_crop k JOIN reading_slot s ON s.case_id = k.case_id WHERE k.crop_id = c.id) DESC, c.created_at DESC, c.id) AS place
    FROM crop c WHERE c.superseded_at IS NULL) same WHERE same.id = crop.id AND same.place > 1;
UPDATE pathology_report SET supersedes = NULL, reason = coalesce(nullif(trim(reason), ''), 'Reported at the same time as another report')
 WHERE node_id IN (SELECT node_id FROM pathology_report WHERE supersedes IS NULL GROUP BY node_id HAVING count(*) > 1);
UPDATE pathology_report SET supersedes = chain.before FROM (
  SELECT id, lag(id) OVER (PARTITION BY node_id ORDER BY reported_at, id DESC) AS before FROM pathology_report
   WHERE node_id IN (SELECT node_id FROM pathology_report WHERE supersedes IS NULL GROUP BY node_id HAVING count(*) > 1)) chain
 WHERE chain.id = pathology_report.id;
DELETE FROM consent USING consent first
 WHERE first.subject_id = consent.subject_id AND (first.recorded_at, first.id) < (consent.recorded_at, consent.id);
RESET ROLE;
ALTER TABLE crop ENABLE TRIGGER USER;
ALTER TABLE pathology_report ENABLE TRIGGER USER;
ALTER TABLE consent ENABLE TRIGGER USER;
--> statement-breakpoint
CREATE TABLE "consent_withdrawal" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"subject_id" uuid NOT NULL,
	"withdrawn_on" date NOT NULL,
	"scope" text NOT NULL,
	"recorded_by" uuid DEFAULT nw.person_id() NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "consent_withdrawal_once" UNIQUE("subject_id","scope"),
	CONSTRAINT "consent_withdrawal_scope" CHECK (scope in ('keep', 'no_further_use', 'destroy'))
);
--> statement-breakpoint
ALTER TABLE "consent_withdrawal" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "reading_closure" (
	"list_id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"closed_by" uuid DEFAULT nw.person_id() NOT NULL,
	"closed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "reading_closure_reason" CHECK (length(trim(reason)) > 0)
);
--> statement-breakpoint
ALTER TABLE "reading_closure" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "eligibility_assessment" ALTER COLUMN "assessed_at" SET DEFAULT clock_timestamp();--> statement-breakpoint
ALTER TABLE "exam" ALTER COLUMN "recorded_at" SET DEFAULT clock_timestamp();--> statement-breakpoint
ALTER TABLE "node_size" ALTER COLUMN "measured_at" SET DEFAULT clock_timestamp();--> statement-breakpoint
ALTER TABLE "node_match" ALTER COLUMN "matched_at" SET DEFAULT clock_timestamp();--> statement-breakpoint
ALTER TABLE "pathology_report" ALTER COLUMN "reported_at" SET DEFAULT clock_timestamp();--> statement-breakpoint
ALTER TABLE "subject_identity" ADD COLUMN "known_reason" text;--> statement-breakpoint
ALTER TABLE "dataset_snapshot" ADD COLUMN "look_alikes" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "node_match" ADD COLUMN "shared_reason" text;--> statement-breakpoint
ALTER TABLE "consent_withdrawal" ADD CONSTRAINT "consent_withdrawal_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consent_withdrawal" ADD CONSTRAINT "consent_withdrawal_recorded_by_person_id_fk" FOREIGN KEY ("recorded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consent_withdrawal" ADD CONSTRAINT "consent_withdrawal_of_subject" FOREIGN KEY ("subject_id","study_id") REFERENCES "public"."subject"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_closure" ADD CONSTRAINT "reading_closure_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_closure" ADD CONSTRAINT "reading_closure_closed_by_person_id_fk" FOREIGN KEY ("closed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_closure" ADD CONSTRAINT "reading_closure_of_list" FOREIGN KEY ("list_id","study_id") REFERENCES "public"."reading_list"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "crop_current" ON "crop" USING btree ("node_id","plane") WHERE superseded_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "model_run_source" ON "model_run" USING btree ("study_id",(config ->> 'sourceSha256'));--> statement-breakpoint
CREATE UNIQUE INDEX "pathology_report_first" ON "pathology_report" USING btree ("node_id") WHERE supersedes is null;--> statement-breakpoint
ALTER TABLE "consent" ADD CONSTRAINT "consent_once" UNIQUE("subject_id");--> statement-breakpoint
ALTER TABLE "subject_identity" ADD CONSTRAINT "subject_identity_known_reason" CHECK (length(trim(known_reason)) > 0);--> statement-breakpoint
ALTER TABLE "node_match" ADD CONSTRAINT "node_match_shared_reason" CHECK (length(trim(shared_reason)) > 0);--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_pathologist_monitor_pri" ON "consent_withdrawal" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_data_scientist_worker" ON "consent_withdrawal" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_coordinator" ON "consent_withdrawal" AS PERMISSIVE FOR INSERT TO "nw_coordinator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_coordinator_principal_investigator_monitor_administrator" ON "reading_closure" AS PERMISSIVE FOR SELECT TO "nw_administrator", "nw_coordinator", "nw_importer", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_data_scientist" ON "reading_closure" AS PERMISSIVE FOR SELECT TO "nw_data_scientist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator_coordinator" ON "reading_closure" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));