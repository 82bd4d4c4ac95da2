-- The paper that is asked for, and made by a worker. (The refusal comes after the row's policy: whoever may not write it is told nothing.)

CREATE OR REPLACE FUNCTION nw.refuse_made_up_report() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM job j WHERE j.id = new.id AND j.study_id = new.study_id AND j.kind = 'report')
     OR NOT EXISTS (SELECT FROM analysis a WHERE a.id = new.analysis_id AND a.study_id = new.study_id AND a.protocol_version_id IS NOT NULL) THEN
    RAISE EXCEPTION 'A report begins in the queue, with a job of its study, and tells a comparison with readers.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'report_begins_in_the_queue';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_report AFTER INSERT ON report FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_report();
