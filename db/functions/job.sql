-- The life of a job: what a person may ask, and what only a worker says.

-- A person asks for work; how far it is and that it is done, its worker says. An import is done when it comes. (After the row's policy, as every refusal here.)
CREATE OR REPLACE FUNCTION nw.refuse_made_up_job() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF new.kind NOT IN ('train', 'task', 'analyse', 'report', 'bundle', 'import') THEN
    RAISE EXCEPTION '"%" is no kind of work. Nothing was saved; ask for train, task, analyse, report, bundle or import.', new.kind
      USING ERRCODE = 'NW007', CONSTRAINT = 'job_of_unknown_kind', DETAIL = jsonb_build_object('kind', new.kind)::text;
  END IF;
  IF new.state <> (CASE new.kind WHEN 'import' THEN 'done'::job_state ELSE 'queued' END)
     OR new.attempts <> 0 OR num_nonnulls(new.phase, new.figures, new.error, new.worker, new.heartbeat_at, new.cancel_requested_at) > 0
     OR new.kind <> 'import' AND (new.done <> 0 OR new.total <> 0 OR num_nonnulls(new.started_at, new.ended_at) > 0) THEN
    RAISE EXCEPTION 'Work begins in the queue; what comes of it, its worker says.' USING ERRCODE = 'NW007', CONSTRAINT = 'job_begins_in_the_queue';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_job AFTER INSERT ON job FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_job();

-- Work that failed, was cancelled or waits where no queue knows it goes back to the queue; a training goes on from its last checkpoint. So does a bundle that was
-- made: its file can be lost, which whoever asks has found, and it is made again in its place. (One at a time: an
-- update that waited for another looks at its conditions anew, and Postgres 18.4 dies of the one that asks the partitioned table.)
CREATE OR REPLACE FUNCTION nw.resume_job(job_kind text, job_id uuid, queue uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IN ('data_scientist', 'principal_investigator', 'importer') IS NOT TRUE THEN RETURN false; END IF;
  PERFORM nw.take_lock('resumption of a job', job_id::text);
  UPDATE job SET state = 'queued', queue_id = queue, cancel_requested_at = NULL, error = NULL, started_at = NULL, ended_at = NULL, heartbeat_at = NULL
   WHERE id = job_id AND kind = job_kind AND study_id = nw.study_id() AND nw.locked()
     AND (state IN ('failed', 'cancelled')
       OR state = 'done' AND kind = 'bundle'
       OR state = 'queued' AND NOT EXISTS (SELECT FROM pgboss.job q WHERE q.name = job.kind AND q.id = job.queue_id AND q.state < 'completed'));
  RETURN FOUND;
END $$;
GRANT EXECUTE ON FUNCTION nw.resume_job(text, uuid, uuid) TO nw_data_scientist, nw_principal_investigator, nw_importer;

-- Whether a row of the queue is the turn of a job that waits for one, of the claim's study: the policies of the queue ask it (db/migrate.ts). A worker brings back
-- the jobs of every study.
CREATE OR REPLACE FUNCTION nw.waits_for_turn(kind text, queue_id uuid, data jsonb) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM job j WHERE j.kind = $1 AND j.queue_id = $2 AND j.state = 'queued'
                    AND $3 = jsonb_build_object('jobId', j.id, 'studyId', j.study_id)
                    AND (nw.claim(1) = 'worker' OR j.study_id = nw.study_id() AND nw.claim(1) IN ('data_scientist', 'principal_investigator', 'importer')))
$$;
GRANT EXECUTE ON FUNCTION nw.waits_for_turn(text, uuid, jsonb) TO nw_worker, nw_data_scientist, nw_principal_investigator, nw_importer;

-- Work whose worker has gone silent goes back to the queue under a new id, in one step, so that only one of several workers does it. The id that
-- the silent worker holds counts no more: whoever still has it finds that, and its end is not the end of the work.
CREATE OR REPLACE FUNCTION nw.release_stalled_jobs(silent_seconds int) RETURNS TABLE (kind text, queue_id uuid, id uuid, study_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'worker' THEN RETURN; END IF;
  RETURN QUERY UPDATE job SET state = 'queued', queue_id = gen_random_uuid(), heartbeat_at = NULL
    WHERE state = 'running' AND coalesce(heartbeat_at, started_at) < now() - silent_seconds * interval '1 second'
    RETURNING job.kind, job.queue_id, job.id, job.study_id;
END $$;
GRANT EXECUTE ON FUNCTION nw.release_stalled_jobs(int) TO nw_worker;
