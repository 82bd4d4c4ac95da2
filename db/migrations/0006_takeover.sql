-- Work whose worker has gone silent goes back to the queue under a new job, in one step, so that only one of several workers does it. The job
-- of the silent worker counts no more: whoever still holds it finds that, and its end is not the end of the new one.
DROP FUNCTION nw.stalled_jobs(int);
--> statement-breakpoint
CREATE FUNCTION nw.release_stalled_jobs(silent_seconds int) RETURNS TABLE (queue text, job_id uuid, record_id uuid, study_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'worker' THEN RETURN; END IF;
  RETURN QUERY UPDATE model_run SET state = 'queued', job_id = gen_random_uuid(), heartbeat_at = NULL
    WHERE state = 'running' AND coalesce(heartbeat_at, started_at) < now() - silent_seconds * interval '1 second'
    RETURNING 'train'::text, model_run.job_id, model_run.id, model_run.study_id;
  RETURN QUERY UPDATE run_task SET state = 'queued', job_id = gen_random_uuid(), heartbeat_at = NULL
    WHERE state = 'running' AND heartbeat_at < now() - silent_seconds * interval '1 second'
    RETURNING 'task'::text, run_task.job_id, run_task.id, run_task.study_id;
END $$;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION nw.release_stalled_jobs(int) TO nw_worker;
GRANT CREATE ON SCHEMA nw TO nw_kernel;
ALTER FUNCTION nw.release_stalled_jobs(int) OWNER TO nw_kernel;
REVOKE CREATE ON SCHEMA nw FROM nw_kernel;
