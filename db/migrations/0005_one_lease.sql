-- One table for the life of every piece of work: what a run or a task told of itself moves to its job, which has its id. Comparisons have jobs, too.
ALTER TYPE "public"."run_state" RENAME TO "job_state";
--> statement-breakpoint
CREATE TABLE "job" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"queue_id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"state" "job_state" DEFAULT 'queued' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"phase" text,
	"done" integer DEFAULT 0 NOT NULL,
	"total" integer DEFAULT 0 NOT NULL,
	"figures" jsonb,
	"error" text,
	"worker" text,
	"heartbeat_at" timestamp with time zone,
	"cancel_requested_at" timestamp with time zone,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"created_by" uuid DEFAULT nw.person_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "job_and_study" UNIQUE("id","study_id")
);
--> statement-breakpoint
ALTER TABLE "job" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE TABLE "analysis" (
	"id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"run_id" uuid,
	"protocol_version_id" uuid NOT NULL,
	"methods" text NOT NULL,
	CONSTRAINT "analysis_once" UNIQUE NULLS NOT DISTINCT("study_id","run_id","protocol_version_id","methods"),
	CONSTRAINT "analysis_and_study" UNIQUE("id","study_id")
);
--> statement-breakpoint
ALTER TABLE "analysis" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "job" ADD CONSTRAINT "job_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "job" ADD CONSTRAINT "job_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "analysis" ADD CONSTRAINT "analysis_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "analysis" ADD CONSTRAINT "analysis_of_job" FOREIGN KEY ("id","study_id") REFERENCES "public"."job"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "analysis" ADD CONSTRAINT "analysis_of_run" FOREIGN KEY ("run_id","study_id") REFERENCES "public"."model_run"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "analysis" ADD CONSTRAINT "analysis_of_protocol_version" FOREIGN KEY ("protocol_version_id","study_id") REFERENCES "public"."protocol_version"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
-- As the kernel: to the owner no row is visible. (In an empty database the kernel has no rights yet, and finds no rows.)
CREATE POLICY kernel ON job TO nw_kernel USING (true) WITH CHECK (true);
CREATE POLICY kernel ON analysis TO nw_kernel USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON job, analysis TO nw_kernel;
GRANT SELECT ON model_run, run_task, analysis_result, protocol_version TO nw_kernel;
SET LOCAL ROLE nw_kernel;
INSERT INTO job (id, study_id, kind, queue_id, state, attempts, phase, done, total, figures, error, heartbeat_at, cancel_requested_at, started_at, ended_at, created_by, created_at)
SELECT id, study_id, CASE WHEN config ->> 'trainable' = 'elsewhere' THEN 'import' ELSE 'train' END, coalesce(job_id, id), state, attempts, phase, done, total, figures, error,
       heartbeat_at, cancel_requested_at, started_at, ended_at, created_by, created_at FROM model_run
UNION ALL
SELECT id, study_id, 'task', coalesce(job_id, id), state, (state <> 'queued')::int, NULL, done, total, NULL, error, heartbeat_at, NULL, NULL, ended_at, created_by, created_at FROM run_task
UNION ALL
SELECT id, study_id, 'analyse', id, 'done', 0, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, created_at, created_by, created_at FROM analysis_result;
-- A result of before said neither by which methods it came about, nor by which protocol: the one in force when it was written. It stays as it is, and no page
-- takes it for today's.
INSERT INTO analysis (id, study_id, run_id, protocol_version_id, methods)
SELECT r.id, r.study_id, r.run_id,
       (SELECT v.id FROM protocol_version v WHERE v.study_id = r.study_id ORDER BY v.created_at <= r.created_at DESC, abs(extract(epoch FROM v.created_at - r.created_at)), v.id LIMIT 1),
       'unrecorded ' || r.id FROM analysis_result r;
RESET ROLE;
--> statement-breakpoint
-- What waits in the queue names its job.
DO $$
BEGIN
  IF to_regclass('pgboss.job') IS NOT NULL THEN
    UPDATE pgboss.job SET data = jsonb_build_object('jobId', coalesce(data ->> 'runId', data ->> 'taskId'), 'studyId', data ->> 'studyId')
     WHERE name IN ('train', 'task') AND coalesce(data ->> 'runId', data ->> 'taskId') IS NOT NULL;
  END IF;
END $$;
--> statement-breakpoint
-- Its condition is about the whole row, columns that go included. The migration step makes the one of today.
DROP TRIGGER IF EXISTS audit_row_change ON model_run;
--> statement-breakpoint
ALTER TABLE "analysis_result" DROP CONSTRAINT "analysis_result_of_run";
--> statement-breakpoint
ALTER TABLE "analysis_result" DROP CONSTRAINT "analysis_result_created_by_person_id_fk";
--> statement-breakpoint
ALTER TABLE "model_run" DROP CONSTRAINT "model_run_created_by_person_id_fk";
--> statement-breakpoint
ALTER TABLE "run_task" DROP CONSTRAINT "run_task_created_by_person_id_fk";
--> statement-breakpoint
ALTER TABLE "analysis_result" RENAME COLUMN "id" TO "analysis_id";
--> statement-breakpoint
ALTER TABLE "analysis_result" RENAME COLUMN "sha256" TO "input_sha256";
--> statement-breakpoint
ALTER TABLE "analysis_result" ALTER COLUMN "analysis_id" DROP DEFAULT;
--> statement-breakpoint
ALTER TABLE "analysis_result" ALTER COLUMN "result" SET DATA TYPE json;
--> statement-breakpoint
ALTER TABLE "model_run" ALTER COLUMN "id" DROP DEFAULT;
--> statement-breakpoint
ALTER TABLE "run_task" ALTER COLUMN "id" DROP DEFAULT;
--> statement-breakpoint
ALTER TABLE "analysis_result" DROP COLUMN "run_id";
--> statement-breakpoint
ALTER TABLE "analysis_result" DROP COLUMN "created_by";
--> statement-breakpoint
ALTER TABLE "model_run" DROP COLUMN "job_id";
--> statement-breakpoint
ALTER TABLE "model_run" DROP COLUMN "state";
--> statement-breakpoint
ALTER TABLE "model_run" DROP COLUMN "phase";
--> statement-breakpoint
ALTER TABLE "model_run" DROP COLUMN "done";
--> statement-breakpoint
ALTER TABLE "model_run" DROP COLUMN "total";
--> statement-breakpoint
ALTER TABLE "model_run" DROP COLUMN "attempts";
--> statement-breakpoint
ALTER TABLE "model_run" DROP COLUMN "error";
--> statement-breakpoint
ALTER TABLE "model_run" DROP COLUMN "figures";
--> statement-breakpoint
ALTER TABLE "model_run" DROP COLUMN "created_by";
--> statement-breakpoint
ALTER TABLE "model_run" DROP COLUMN "created_at";
--> statement-breakpoint
ALTER TABLE "model_run" DROP COLUMN "started_at";
--> statement-breakpoint
ALTER TABLE "model_run" DROP COLUMN "ended_at";
--> statement-breakpoint
ALTER TABLE "model_run" DROP COLUMN "cancel_requested_at";
--> statement-breakpoint
ALTER TABLE "model_run" DROP COLUMN "heartbeat_at";
--> statement-breakpoint
ALTER TABLE "run_task" DROP COLUMN "job_id";
--> statement-breakpoint
ALTER TABLE "run_task" DROP COLUMN "state";
--> statement-breakpoint
ALTER TABLE "run_task" DROP COLUMN "done";
--> statement-breakpoint
ALTER TABLE "run_task" DROP COLUMN "total";
--> statement-breakpoint
ALTER TABLE "run_task" DROP COLUMN "error";
--> statement-breakpoint
ALTER TABLE "run_task" DROP COLUMN "created_by";
--> statement-breakpoint
ALTER TABLE "run_task" DROP COLUMN "created_at";
--> statement-breakpoint
ALTER TABLE "run_task" DROP COLUMN "ended_at";
--> statement-breakpoint
ALTER TABLE "run_task" DROP COLUMN "heartbeat_at";
--> statement-breakpoint
ALTER TABLE "analysis_result" ADD CONSTRAINT "analysis_result_of_analysis" FOREIGN KEY ("analysis_id","study_id") REFERENCES "public"."analysis"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_of_job" FOREIGN KEY ("id","study_id") REFERENCES "public"."job"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "run_task" ADD CONSTRAINT "run_task_of_job" FOREIGN KEY ("id","study_id") REFERENCES "public"."job"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "job_study" ON "job" USING btree ("study_id");
--> statement-breakpoint
DROP POLICY "select_data_scientist_principal_investigator_importer" ON "analysis_result" CASCADE;
--> statement-breakpoint
DROP POLICY "insert_data_scientist_principal_investigator_importer" ON "analysis_result" CASCADE;
--> statement-breakpoint
DROP POLICY "update_data_scientist_principal_investigator" ON "model_run" CASCADE;
--> statement-breakpoint
DROP POLICY "update_importer" ON "model_run" CASCADE;
--> statement-breakpoint
CREATE POLICY "select_worker" ON "subject" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_worker" ON "node" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_worker" ON "node_exclusion" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_worker" ON "node_size" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_worker" ON "case_crop" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_worker" ON "pathology_report" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_worker" ON "read" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "analysis" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "analysis" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "analysis_result" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "analysis_result" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "job" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "job" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "insert_worker" ON "analysis_result" AS PERMISSIVE FOR INSERT TO "nw_worker" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "insert_data_scientist_principal_investigator_importer" ON "analysis" AS PERMISSIVE FOR INSERT TO "nw_data_scientist", "nw_importer", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "insert_data_scientist_principal_investigator_importer" ON "job" AS PERMISSIVE FOR INSERT TO "nw_data_scientist", "nw_importer", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "update_data_scientist_principal_investigator" ON "job" AS PERMISSIVE FOR UPDATE TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "update_importer" ON "job" AS PERMISSIVE FOR UPDATE TO "nw_importer" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "update_worker" ON "job" AS PERMISSIVE FOR UPDATE TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
ALTER POLICY "select_coordinator_locating_radiologist_reader_pathologist_data" ON "protocol_version" TO nw_administrator,nw_coordinator,nw_data_scientist,nw_importer,nw_locating_radiologist,nw_monitor,nw_pathologist,nw_principal_investigator,nw_reader,nw_worker USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
