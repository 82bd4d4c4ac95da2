-- A list that is opened before its wash-out is over: a deviation from the protocol, which the principal investigator signs.

-- Opens a list that is in its wash-out, as the investigator was shown it: `opens_at` is what the page said, to the millisecond. `checked_hash` is that of the password that was given, which no role
-- of the web can know: without a password that was checked nothing is signed. Answers when it was signed, by an earlier call too; null: the password is another by now.
CREATE OR REPLACE FUNCTION nw.override_wash_out(list uuid, opens_at timestamptz, reason text, checked_hash text) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  theirs record;
  signed timestamptz;
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'principal_investigator' THEN
    RAISE EXCEPTION 'A wash-out is overridden by the principal investigator.' USING ERRCODE = '42501';
  END IF;
  PERFORM FROM credential c WHERE c.person_id = nw.person_id() AND c.password_hash = override_wash_out.checked_hash FOR SHARE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  PERFORM nw.take_lock('wash-out of a list', override_wash_out.list::text);
  SELECT o.signed_at INTO signed FROM wash_out_override o
   WHERE o.study_id = nw.study_id() AND o.list_id = override_wash_out.list AND o.signed_by = nw.person_id() AND date_trunc('milliseconds', o.opens_at) = date_trunc('milliseconds', override_wash_out.opens_at);
  IF FOUND THEN RETURN signed; END IF;
  SELECT s.*, l.condition_key, l.batch, m.reader_code INTO theirs
    FROM nw.list_states() s JOIN reading_list l ON l.id = s.list_id JOIN membership m ON m.id = l.membership_id WHERE s.list_id = override_wash_out.list;
  IF NOT FOUND OR theirs.state IS DISTINCT FROM 'wash-out' OR date_trunc('milliseconds', theirs.opens_at) IS DISTINCT FROM date_trunc('milliseconds', override_wash_out.opens_at) THEN
    RAISE EXCEPTION 'The wash-out of this list is not as the page showed it. Nothing was signed; load the page again.' USING ERRCODE = 'NW006', CONSTRAINT = 'wash_out_changed';
  END IF;
  INSERT INTO wash_out_override (study_id, list_id, opens_at, wash_out_days, reason, signed_name)
  SELECT l.study_id, l.id, theirs.opens_at, theirs.wash_out_days, override_wash_out.reason, p.name
    FROM reading_list l JOIN person p ON p.id = nw.person_id() WHERE l.id = override_wash_out.list
  RETURNING signed_at INTO signed;
  PERFORM nw.note_deed('reading.wash_out_overridden', 'reading_list', override_wash_out.list::text, override_wash_out.reason,
    jsonb_build_object('reader', theirs.reader_code, 'condition', theirs.condition_key, 'batch', theirs.batch, 'days', theirs.wash_out_days, 'opensAt', theirs.opens_at));
  RETURN signed;
END $$;
GRANT EXECUTE ON FUNCTION nw.override_wash_out(uuid, timestamptz, text, text) TO nw_principal_investigator;

-- The reads that count of cases that were shown or read while the wash-out of their list would have lasted, whenever these were submitted or corrected. After the lock: before it, when a reader
-- reads is the reader's alone.
CREATE OR REPLACE FUNCTION nw.reads_in_wash_out() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT r.id FROM wash_out_override o JOIN reading_slot s ON s.list_id = o.list_id JOIN nw.current_read r ON r.slot_id = s.id AND r.source = 'reader' AND (
           EXISTS (SELECT FROM read f WHERE f.slot_id = s.id AND f.submitted_at BETWEEN o.signed_at AND o.opens_at)
             OR EXISTS (SELECT FROM reading_view v WHERE v.slot_id = s.id AND v.first_shown_at BETWEEN o.signed_at AND o.opens_at))
    JOIN reading_case k ON k.id = r.case_id JOIN nw.studied_node n ON n.id = k.node_id
   WHERE o.study_id = nw.study_id() AND nw.locked() AND nw.claim(1) IN ('principal_investigator', 'data_scientist', 'importer', 'worker')
$$;
GRANT EXECUTE ON FUNCTION nw.reads_in_wash_out() TO nw_principal_investigator, nw_data_scientist, nw_importer, nw_worker;

-- The wash-out that was kept for every list of a condition, in whole days: a list of a version before may have opened after a shorter one than the protocol in force says, and one may have
-- been opened before its wash-out was over.
CREATE OR REPLACE FUNCTION nw.wash_outs_kept() RETURNS TABLE (condition_key text, days numeric) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT l.condition_key, min(least(l.wash_out_days, (
           SELECT min(greatest(0, floor(o.wash_out_days - extract(epoch FROM o.opens_at - o.signed_at) / 86400))) FROM wash_out_override o WHERE o.list_id = l.id)))
    FROM reading_list l WHERE l.study_id = nw.study_id() AND nw.locked()
     AND nw.claim(1) IN ('worker', 'data_scientist', 'principal_investigator', 'importer') GROUP BY l.condition_key
$$;
GRANT EXECUTE ON FUNCTION nw.wash_outs_kept() TO nw_worker, nw_data_scientist, nw_principal_investigator, nw_importer;
