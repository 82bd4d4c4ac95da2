ALTER TYPE "public"."run_state" RENAME TO "job_state";
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
ALTER TABLE "job" ADD CONSTRAINT "job_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "job" ADD CONSTRAINT "job_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['job', 'analysis'] LOOP
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY kernel ON public.%I TO nw_kernel USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON public.%I TO nw_kernel', t);
  END LOOP;
  EXECUTE 'CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON analysis FOR EACH ROW EXECUTE FUNCTION nw.refuse_change()';
  EXECUTE 'CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON analysis EXECUTE FUNCTION nw.refuse_change()';
END $$;
--> statement-breakpoint
-- The life of every run and task moves to its job, which has its id. As the kernel: to the owner no row is visible.
DROP TRIGGER refuse_made_up_run ON model_run;
DROP TRIGGER refuse_made_up_task ON run_task;
DROP TRIGGER audit_row ON model_run;
DROP TRIGGER audit_row_change ON model_run;
SET LOCAL ROLE nw_kernel;
INSERT INTO job (id, study_id, kind, queue_id, state, attempts, phase, done, total, figures, error, heartbeat_at, cancel_requested_at, started_at, ended_at, created_by, created_at)
SELECT id, study_id, CASE WHEN config ->> 'trainable' = 'elsewhere' THEN 'import' ELSE 'train' END, coalesce(job_id, id), state, attempts, phase, done, total, figures, error,
       heartbeat_at, cancel_requested_at, started_at, ended_at, created_by, created_at FROM model_run
UNION ALL
SELECT id, study_id, 'task', coalesce(job_id, id), state, (state <> 'queued')::int, NULL, done, total, NULL, error, heartbeat_at, NULL, NULL, ended_at, created_by, created_at FROM run_task;
DO $$
BEGIN
  IF EXISTS (SELECT id, study_id FROM model_run UNION ALL SELECT id, study_id FROM run_task EXCEPT ALL SELECT id, study_id FROM job) THEN
    RAISE EXCEPTION 'A run or task has no job. Nothing was changed.';
  END IF;
END $$;
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
ALTER TABLE "analysis_result" DROP CONSTRAINT "analysis_result_run_id_model_run_id_fk";
--> statement-breakpoint
ALTER TABLE "analysis_result" DROP CONSTRAINT "analysis_result_created_by_person_id_fk";
--> statement-breakpoint
ALTER TABLE "model_run" DROP CONSTRAINT "model_run_created_by_person_id_fk";
--> statement-breakpoint
ALTER TABLE "run_task" DROP CONSTRAINT "run_task_created_by_person_id_fk";
--> statement-breakpoint
ALTER TABLE "analysis_result" ALTER COLUMN "result" SET DATA TYPE json;
--> statement-breakpoint
ALTER TABLE "model_run" ALTER COLUMN "id" DROP DEFAULT;
--> statement-breakpoint
ALTER TABLE "run_task" ALTER COLUMN "id" DROP DEFAULT;
--> statement-breakpoint
ALTER TABLE "analysis_result" DROP COLUMN "id";
--> statement-breakpoint
ALTER TABLE "analysis_result" ADD COLUMN "analysis_id" uuid PRIMARY KEY NOT NULL;
--> statement-breakpoint
ALTER TABLE "analysis_result" ADD COLUMN "input_sha256" text NOT NULL;
--> statement-breakpoint
ALTER TABLE "analysis_result" DROP COLUMN "run_id";
--> statement-breakpoint
ALTER TABLE "analysis_result" DROP COLUMN "sha256";
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
ALTER TABLE "analysis" ADD CONSTRAINT "analysis_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "analysis" ADD CONSTRAINT "analysis_protocol_version_id_protocol_version_id_fk" FOREIGN KEY ("protocol_version_id") REFERENCES "public"."protocol_version"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "analysis" ADD CONSTRAINT "analysis_of_job" FOREIGN KEY ("id","study_id") REFERENCES "public"."job"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "analysis" ADD CONSTRAINT "analysis_of_run" FOREIGN KEY ("run_id","study_id") REFERENCES "public"."model_run"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "job_study" ON "job" USING btree ("study_id");
--> statement-breakpoint
ALTER TABLE "analysis_result" ADD CONSTRAINT "analysis_result_of_analysis" FOREIGN KEY ("analysis_id","study_id") REFERENCES "public"."analysis"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_of_job" FOREIGN KEY ("id","study_id") REFERENCES "public"."job"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "run_task" ADD CONSTRAINT "run_task_of_job" FOREIGN KEY ("id","study_id") REFERENCES "public"."job"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
DROP POLICY "select_data_scientist_principal_investigator_importer" ON "analysis_result" CASCADE;
--> statement-breakpoint
DROP POLICY "insert_data_scientist_principal_investigator_importer" ON "analysis_result" CASCADE;
--> statement-breakpoint
DROP POLICY "update_data_scientist" ON "model_run" CASCADE;
--> statement-breakpoint
DROP POLICY "update_principal_investigator" ON "model_run" CASCADE;
--> statement-breakpoint
DROP POLICY "update_worker_importer" ON "model_run" CASCADE;
--> statement-breakpoint
CREATE POLICY "select_worker" ON "subject" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "analysis_result" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "analysis_result" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "insert_worker" ON "analysis_result" AS PERMISSIVE FOR INSERT TO "nw_worker" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "select_worker" ON "node" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_worker" ON "node_exclusion" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "update_worker" ON "model_run" AS PERMISSIVE FOR UPDATE TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "select_worker" ON "pathology_report" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_worker" ON "read" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "analysis" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "analysis" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "insert_data_scientist_principal_investigator_importer" ON "analysis" AS PERMISSIVE FOR INSERT TO "nw_data_scientist", "nw_importer", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "job" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "job" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "insert_data_scientist_principal_investigator_importer" ON "job" AS PERMISSIVE FOR INSERT TO "nw_data_scientist", "nw_importer", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "update_data_scientist_principal_investigator" ON "job" AS PERMISSIVE FOR UPDATE TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "update_worker_importer" ON "job" AS PERMISSIVE FOR UPDATE TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
GRANT SELECT ON job, analysis TO nw_data_scientist, nw_principal_investigator, nw_importer, nw_worker;
GRANT INSERT ON job, analysis TO nw_data_scientist, nw_principal_investigator, nw_importer;
GRANT UPDATE (cancel_requested_at) ON job TO nw_data_scientist, nw_principal_investigator, nw_importer;
GRANT UPDATE (state, attempts, phase, done, total, figures, error, worker, heartbeat_at, started_at, ended_at) ON job TO nw_worker;
-- A person cannot write a number: what comes of an analysis, its worker says. It loads what it compares, after the lock only.
REVOKE INSERT ON analysis_result FROM nw_data_scientist, nw_principal_investigator, nw_importer;
GRANT SELECT, INSERT ON analysis_result TO nw_worker;
GRANT SELECT ON protocol_version, subject, node, node_exclusion, pathology_report, read TO nw_worker;
--> statement-breakpoint
-- What a worker says every few seconds (that it lives, how far and how fast it is) is no record. The trail keeps what was asked, and what it came to;
-- the last figures come with the end.
SET LOCAL ROLE nw_kernel;
GRANT EXECUTE ON FUNCTION nw.audit_row() TO nodewise_owner;
RESET ROLE;
CREATE TRIGGER audit_row AFTER INSERT OR UPDATE OR DELETE ON model_run FOR EACH ROW EXECUTE FUNCTION nw.audit_row();
CREATE TRIGGER audit_row AFTER INSERT OR DELETE ON job FOR EACH ROW EXECUTE FUNCTION nw.audit_row();
CREATE TRIGGER audit_row_change AFTER UPDATE ON job FOR EACH ROW
  WHEN (to_jsonb(old) - '{heartbeat_at,phase,done,total,figures}'::text[] IS DISTINCT FROM to_jsonb(new) - '{heartbeat_at,phase,done,total,figures}'::text[])
  EXECUTE FUNCTION nw.audit_row();
SET LOCAL ROLE nw_kernel;
REVOKE EXECUTE ON FUNCTION nw.audit_row() FROM nodewise_owner;
RESET ROLE;
--> statement-breakpoint
DROP FUNCTION nw.release_stalled_jobs(int);
DROP FUNCTION nw.resume_run(uuid, uuid);
DROP FUNCTION nw.refuse_made_up_run();
DROP FUNCTION nw.refuse_made_up_task();
--> statement-breakpoint
-- A person asks for work; how far it is and that it is done, its worker says. An import is done when it comes.
CREATE FUNCTION nw.refuse_made_up_job() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF new.state <> (CASE new.kind WHEN 'import' THEN 'done'::job_state ELSE 'queued' END) OR new.attempts > 0 OR new.figures IS NOT NULL OR new.worker IS NOT NULL THEN
    RAISE EXCEPTION 'Work begins in the queue; what comes of it, its worker says.' USING ERRCODE = 'NW007';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER refuse_made_up_job BEFORE INSERT ON job FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_job();
--> statement-breakpoint
CREATE FUNCTION nw.refuse_made_up_run() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE needed text := CASE WHEN new.config ->> 'trainable' = 'elsewhere' THEN 'import' ELSE 'train' END;
BEGIN
  IF new.environment IS NOT NULL OR NOT EXISTS (SELECT FROM job j WHERE j.id = new.id AND j.study_id = new.study_id AND j.kind = needed) THEN
    RAISE EXCEPTION 'A run begins in the queue, with a job of its study; a model trained elsewhere comes with its scores.' USING ERRCODE = 'NW007';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER refuse_made_up_run BEFORE INSERT ON model_run FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_run();
--> statement-breakpoint
CREATE FUNCTION nw.refuse_made_up_task() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF coalesce(new.result_sha256, new.result_type, new.result_name) IS NOT NULL OR new.detail IS NOT NULL
     OR NOT EXISTS (SELECT FROM job j WHERE j.id = new.id AND j.study_id = new.study_id AND j.kind = 'task')
     OR NOT EXISTS (SELECT FROM model_run r WHERE r.id = new.run_id AND r.study_id = new.study_id) THEN
    RAISE EXCEPTION 'A task begins in the queue, for a run of its study; what comes of it, its worker says.' USING ERRCODE = 'NW007';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER refuse_made_up_task BEFORE INSERT ON run_task FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_task();
--> statement-breakpoint
CREATE FUNCTION nw.refuse_made_up_analysis() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM job j WHERE j.id = new.id AND j.study_id = new.study_id AND j.kind = 'analyse')
     OR NOT EXISTS (SELECT FROM protocol_version v WHERE v.id = new.protocol_version_id AND v.study_id = new.study_id) THEN
    RAISE EXCEPTION 'An analysis begins in the queue, by a protocol of its study.' USING ERRCODE = 'NW007';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER refuse_made_up_analysis BEFORE INSERT ON analysis FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_analysis();
--> statement-breakpoint
-- Work that failed or was cancelled goes back to the queue; a training goes on from its last checkpoint.
CREATE FUNCTION nw.resume_job(job_kind text, job_id uuid, queue uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE job SET state = 'queued', queue_id = queue, cancel_requested_at = NULL, error = NULL, ended_at = NULL, heartbeat_at = NULL
   WHERE id = job_id AND kind = job_kind AND study_id = nw.study_id() AND state IN ('failed', 'cancelled') AND nw.locked()
     AND nw.claim(1) IN ('data_scientist', 'principal_investigator', 'importer');
  RETURN FOUND;
END $$;
--> statement-breakpoint
-- Work whose worker has gone silent goes back to the queue under a new id, in one step, so that only one of several workers does it. The id that
-- the silent worker holds counts no more: whoever still has it finds that, and its end is not the end of the work.
CREATE FUNCTION nw.release_stalled_jobs(silent_seconds int) RETURNS TABLE (kind text, queue_id uuid, id uuid, study_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'worker' THEN RETURN; END IF;
  RETURN QUERY UPDATE job SET state = 'queued', queue_id = gen_random_uuid(), heartbeat_at = NULL
    WHERE state = 'running' AND coalesce(heartbeat_at, started_at) < now() - silent_seconds * interval '1 second'
    RETURNING job.kind, job.queue_id, job.id, job.study_id;
END $$;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION nw.resume_job(text, uuid, uuid) TO nw_data_scientist, nw_principal_investigator, nw_importer;
GRANT EXECUTE ON FUNCTION nw.release_stalled_jobs(int) TO nw_worker;
GRANT CREATE ON SCHEMA nw TO nw_kernel;
DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'nw' AND p.prosecdef AND p.proowner <> 'nw_kernel'::regrole LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO nw_kernel', f);
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA nw FROM nw_kernel;
