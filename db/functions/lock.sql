-- What keeps records as they are, and two writers apart.

-- Advisory locks by purpose (db/locks.ts lists them), held to the end of the transaction: whoever checks and then writes holds one.
CREATE OR REPLACE FUNCTION nw.hold(purpose text, key text) RETURNS void LANGUAGE sql RETURN pg_advisory_xact_lock(hashtextextended(purpose || ' ' || key, 0));
GRANT EXECUTE ON FUNCTION nw.hold(text, text) TO nw_importer, nw_worker, nw_person, nw_coordinator, nw_locating_radiologist, nw_pathologist, nw_data_scientist,
  nw_principal_investigator, nw_administrator;

-- After the lock nothing above the model changes. FOR SHARE makes a write and the lock wait for each other. (Who somebody was is deleted after it, too:
-- `nw.heed_withdrawal` alone may.)
CREATE OR REPLACE FUNCTION nw.refuse_when_locked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE now_state study_state;
BEGIN
  SELECT state INTO now_state FROM study WHERE id = new.study_id FOR SHARE;
  IF now_state = 'locked' AND NOT (tg_table_name = 'subject_identity' AND tg_op = 'UPDATE') THEN
    RAISE EXCEPTION 'The database of this study is locked: nothing above the model can change.' USING ERRCODE = 'NW001', CONSTRAINT = 'study_is_locked';
  END IF;
  RETURN new;
END $$;

-- Append-only tables: a correction is a new row.
CREATE OR REPLACE FUNCTION nw.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'Rows of % are never changed or removed: a correction is a new row.', tg_table_name
    USING ERRCODE = 'NW002', CONSTRAINT = 'rows_are_kept', DETAIL = jsonb_build_object('table', tg_table_name)::text;
END $$;
