-- What a worker says every few seconds (that it lives, how far it is) is no record. The trail keeps what a run is, was asked, and came to.
SET LOCAL ROLE nw_kernel;
GRANT EXECUTE ON FUNCTION nw.audit_row() TO nodewise_owner;
RESET ROLE;
DROP TRIGGER audit_row ON model_run;
CREATE TRIGGER audit_row AFTER INSERT OR DELETE ON model_run FOR EACH ROW EXECUTE FUNCTION nw.audit_row();
CREATE TRIGGER audit_row_change AFTER UPDATE ON model_run FOR EACH ROW
  WHEN (to_jsonb(old) - '{heartbeat_at,phase,done,total}'::text[] IS DISTINCT FROM to_jsonb(new) - '{heartbeat_at,phase,done,total}'::text[])
  EXECUTE FUNCTION nw.audit_row();
SET LOCAL ROLE nw_kernel;
REVOKE EXECUTE ON FUNCTION nw.audit_row() FROM nodewise_owner;
RESET ROLE;
--> statement-breakpoint
-- A snapshot is frozen with its first run, and all that hangs on it is of one study.
CREATE FUNCTION nw.refuse_foreign_item() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM added a JOIN dataset_snapshot s ON s.id = a.snapshot_id JOIN crop c ON c.id = a.crop_id
              WHERE s.study_id <> a.study_id OR c.study_id <> a.study_id) THEN
    RAISE EXCEPTION 'A snapshot holds crops of its own study only.' USING ERRCODE = 'NW007';
  END IF;
  IF EXISTS (SELECT FROM model_run r WHERE r.snapshot_id IN (SELECT snapshot_id FROM added)) THEN
    RAISE EXCEPTION 'This snapshot has a run: nothing is added to it. Freeze another one.' USING ERRCODE = 'NW007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_foreign_item AFTER INSERT ON dataset_item REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_foreign_item();
--> statement-breakpoint
CREATE FUNCTION nw.refuse_foreign_score() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM added a JOIN model_run r ON r.id = a.run_id JOIN crop c ON c.id = a.crop_id WHERE r.study_id <> a.study_id OR c.study_id <> a.study_id) THEN
    RAISE EXCEPTION 'A run scores crops of its own study only.' USING ERRCODE = 'NW007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_foreign_score AFTER INSERT ON crop_score REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_foreign_score();
--> statement-breakpoint
CREATE FUNCTION nw.refuse_foreign_run() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM dataset_snapshot s WHERE s.id = new.snapshot_id AND s.study_id = new.study_id)
     OR (new.sweep_id IS NOT NULL AND NOT EXISTS (SELECT FROM freeze_sweep f WHERE f.id = new.sweep_id AND f.study_id = new.study_id AND f.snapshot_id = new.snapshot_id))
     OR (new.companion_of IS NOT NULL AND NOT EXISTS (SELECT FROM model_run r WHERE r.id = new.companion_of AND r.study_id = new.study_id AND r.snapshot_id = new.snapshot_id)) THEN
    RAISE EXCEPTION 'A run stands on a snapshot of its study; its sweep, or the run beside it, on the same one.' USING ERRCODE = 'NW007';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER refuse_foreign_run BEFORE INSERT ON model_run FOR EACH ROW EXECUTE FUNCTION nw.refuse_foreign_run();
--> statement-breakpoint
GRANT CREATE ON SCHEMA nw TO nw_kernel;
ALTER FUNCTION nw.refuse_foreign_item() OWNER TO nw_kernel;
ALTER FUNCTION nw.refuse_foreign_score() OWNER TO nw_kernel;
ALTER FUNCTION nw.refuse_foreign_run() OWNER TO nw_kernel;
REVOKE CREATE ON SCHEMA nw FROM nw_kernel;
--> statement-breakpoint
-- Files that a run's tasks make are named by the task alone, which only the roles of the models see: they are no images of the study.
REVOKE SELECT, INSERT ON stored_object FROM nw_worker;
