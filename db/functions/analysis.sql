-- Numbers that are asked for, and computed by a worker. (The refusal comes after the row's policy: whoever may not write it is told nothing.)

CREATE OR REPLACE FUNCTION nw.refuse_made_up_analysis() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM job j WHERE j.id = new.id AND j.study_id = new.study_id AND j.kind = 'analyse') THEN
    RAISE EXCEPTION 'An analysis begins in the queue, with a job of its study.' USING ERRCODE = 'NW007', CONSTRAINT = 'analysis_begins_in_the_queue';
  END IF;
  -- What a key does for one run: no statement of any role asks about a run of another study.
  IF EXISTS (SELECT FROM unnest(new.run_ids) asked WHERE NOT EXISTS (SELECT FROM model_run r WHERE r.id = asked AND r.study_id = new.study_id)) THEN
    RAISE EXCEPTION 'An analysis is about runs of its study.' USING ERRCODE = 'NW007', CONSTRAINT = 'analysis_of_runs_of_its_study';
  END IF;
  -- The plan is that of the version in force, which no other follows once the study is locked.
  IF new.protocol_version_id <> (SELECT s.protocol_version_id FROM study s WHERE s.id = new.study_id) THEN
    RAISE EXCEPTION 'A comparison follows the plan of the protocol in force.' USING ERRCODE = 'NW007', CONSTRAINT = 'analysis_of_the_plan';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_analysis AFTER INSERT ON analysis FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_analysis();

-- Likewise a bundle: of numbers that are there, and the file of its worker's making.
CREATE OR REPLACE FUNCTION nw.refuse_made_up_bundle() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF new.sha256 IS NOT NULL OR NOT EXISTS (SELECT FROM job j WHERE j.id = new.id AND j.study_id = new.study_id AND j.kind = 'bundle')
     OR NOT EXISTS (SELECT FROM analysis a JOIN analysis_result r ON r.analysis_id = a.id
                     WHERE a.id = new.analysis_id AND a.study_id = new.study_id AND a.protocol_version_id IS NOT NULL) THEN
    RAISE EXCEPTION 'A bundle begins in the queue, for a comparison of its study that was computed; its file, its worker makes.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'bundle_begins_in_the_queue';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_bundle AFTER INSERT ON bundle FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_bundle();
