-- Grants, FORCE ROW LEVEL SECURITY, triggers and functions of the tables that came with the trainable network.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['freeze_sweep', 'run_fold', 'run_task'] LOOP
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY kernel ON public.%I TO nw_kernel USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON public.%I TO nw_kernel', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['freeze_sweep', 'run_fold'] LOOP
    EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION nw.refuse_change()', t);
    EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION nw.refuse_change()', t);
  END LOOP;
END $$;
--> statement-breakpoint
GRANT SELECT ON freeze_sweep, run_fold, run_task TO nw_data_scientist, nw_principal_investigator, nw_importer, nw_worker;
GRANT INSERT ON freeze_sweep, run_task TO nw_data_scientist, nw_principal_investigator, nw_importer;
GRANT INSERT ON run_fold TO nw_worker;
GRANT UPDATE (state, done, total, error, result_sha256, result_type, result_name, detail, ended_at, heartbeat_at) ON run_task TO nw_worker;
-- The principal investigator may work alone.
GRANT INSERT ON dataset_snapshot, dataset_item, model_run TO nw_principal_investigator;
GRANT UPDATE (cancel_requested_at) ON model_run TO nw_principal_investigator;
-- Scores by persons: of models trained elsewhere only, see the trigger below.
GRANT INSERT ON crop_score TO nw_data_scientist, nw_principal_investigator, nw_importer;
--> statement-breakpoint
CREATE FUNCTION nw.refuse_made_up_score() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'worker' AND NOT EXISTS (
    SELECT FROM model_run r WHERE r.id = new.run_id AND r.study_id = new.study_id AND r.config ->> 'trainable' = 'elsewhere') THEN
    RAISE EXCEPTION 'Scores of a run come from its worker. Scores of a model trained elsewhere are imported as a run of their own.' USING ERRCODE = 'NW007';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER refuse_made_up_score BEFORE INSERT ON crop_score FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_score();
--> statement-breakpoint
-- A person asks for a run; that it is done, its worker says. A model trained elsewhere comes with its scores.
CREATE FUNCTION nw.refuse_made_up_run() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF (new.state <> 'queued' OR new.figures IS NOT NULL OR new.environment IS NOT NULL OR new.attempts > 0) AND new.config ->> 'trainable' IS DISTINCT FROM 'elsewhere' THEN
    RAISE EXCEPTION 'A run begins in the queue.' USING ERRCODE = 'NW007';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER refuse_made_up_run BEFORE INSERT ON model_run FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_run();
--> statement-breakpoint
CREATE FUNCTION nw.refuse_made_up_task() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF new.state <> 'queued' OR coalesce(new.result_sha256, new.result_type, new.result_name) IS NOT NULL OR new.detail IS NOT NULL
     OR NOT EXISTS (SELECT FROM model_run r WHERE r.id = new.run_id AND r.study_id = new.study_id) THEN
    RAISE EXCEPTION 'A task begins in the queue, for a run of its study; what comes of it, its worker says.' USING ERRCODE = 'NW007';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER refuse_made_up_task BEFORE INSERT ON run_task FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_task();
--> statement-breakpoint
-- A run that failed or was cancelled goes back to the queue, where it goes on from its last checkpoint.
CREATE FUNCTION nw.resume_run(run uuid, job uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE model_run SET state = 'queued', job_id = job, cancel_requested_at = NULL, error = NULL, ended_at = NULL, heartbeat_at = NULL
   WHERE id = run AND study_id = nw.study_id() AND state IN ('failed', 'cancelled') AND nw.locked()
     AND nw.claim(1) IN ('data_scientist', 'principal_investigator', 'importer');
  RETURN FOUND;
END $$;
--> statement-breakpoint
DROP FUNCTION nw.stalled_runs(int);
-- Jobs whose worker has gone silent: another worker takes them up.
CREATE FUNCTION nw.stalled_jobs(silent_seconds int) RETURNS TABLE (queue text, job_id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT 'train', coalesce(r.job_id, r.id) FROM model_run r
   WHERE nw.claim(1) = 'worker' AND r.state = 'running' AND coalesce(r.heartbeat_at, r.started_at) < now() - silent_seconds * interval '1 second'
  UNION ALL
  SELECT 'task', t.id FROM run_task t
   WHERE nw.claim(1) = 'worker' AND t.state = 'running' AND t.heartbeat_at < now() - silent_seconds * interval '1 second'
$$;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION nw.resume_run(uuid, uuid) TO nw_data_scientist, nw_principal_investigator, nw_importer;
GRANT EXECUTE ON FUNCTION nw.stalled_jobs(int) TO nw_worker;
GRANT CREATE ON SCHEMA nw TO nw_kernel;
DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'nw' AND p.prosecdef AND p.proowner <> 'nw_kernel'::regrole LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO nw_kernel', f);
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA nw FROM nw_kernel;
