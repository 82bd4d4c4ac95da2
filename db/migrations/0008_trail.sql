-- What a worker says every few seconds (that it lives, how far and how fast it is) is no record. The trail keeps what a run is, was asked, and came to.
SET LOCAL ROLE nw_kernel;
GRANT EXECUTE ON FUNCTION nw.audit_row() TO nodewise_owner;
RESET ROLE;
DROP TRIGGER audit_row ON model_run;
CREATE TRIGGER audit_row AFTER INSERT OR DELETE ON model_run FOR EACH ROW EXECUTE FUNCTION nw.audit_row();
-- The last figures come with the end of the run.
CREATE TRIGGER audit_row_change AFTER UPDATE ON model_run FOR EACH ROW
  WHEN (to_jsonb(old) - '{heartbeat_at,phase,done,total,figures}'::text[] IS DISTINCT FROM to_jsonb(new) - '{heartbeat_at,phase,done,total,figures}'::text[])
  EXECUTE FUNCTION nw.audit_row();
SET LOCAL ROLE nw_kernel;
REVOKE EXECUTE ON FUNCTION nw.audit_row() FROM nodewise_owner;
RESET ROLE;
--> statement-breakpoint
-- A snapshot is frozen with its first run.
CREATE FUNCTION nw.refuse_late_item() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM model_run r WHERE r.snapshot_id IN (SELECT snapshot_id FROM added)) THEN
    RAISE EXCEPTION 'This snapshot has a run: nothing is added to it. Freeze another one.' USING ERRCODE = 'NW007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_late_item AFTER INSERT ON dataset_item REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_late_item();
GRANT CREATE ON SCHEMA nw TO nw_kernel;
ALTER FUNCTION nw.refuse_late_item() OWNER TO nw_kernel;
REVOKE CREATE ON SCHEMA nw FROM nw_kernel;
--> statement-breakpoint
-- Files that a run's tasks make are named by the task alone, which only the roles of the models see: they are no images of the study.
REVOKE SELECT, INSERT ON stored_object FROM nw_worker;
