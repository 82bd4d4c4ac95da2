-- What a reader signs with the password at the end of a list: every read of it that was submitted here and counts. What was imported or simulated nobody signs.

-- How many reads of a list are signed, the hash over them, and when they were submitted. The hash is over that of each read, one a line, in the order of the list; that of a
-- read over the text of a JSON array, as it stands below. Of what is hidden from the reader (which time a case is read, too) nothing is in it but with the hash of what was shown, and the id of each read is random and told to nobody before
-- the lock: neither the reader nor whoever knows sizes, images or answers can try out what gives this hash. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.reads_to_sign(list uuid) RETURNS TABLE (reads int, sha256 text, first_at timestamptz, last_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1 AS $$
  SELECT count(*)::int, encode(sha256(convert_to(string_agg(h.line, E'\n' ORDER BY s.position), 'UTF8')), 'hex'), min(r.submitted_at), max(r.submitted_at)
    FROM reading_slot s JOIN nw.current_read r ON r.slot_id = s.id AND r.source = 'reader'
   CROSS JOIN LATERAL (SELECT encode(sha256(convert_to(jsonb_build_array(r.id, r.slot_id, r.reader_code, r.condition_key, r.occasion, r.criteria, r.rule_set_key, r.proposed_call,
           r.call, r.override_reason, r.confidence, r.rating, r.not_evaluable, r.active_ms, r.display, r.shown_sha256, r.protocol_version_id, r.submitted_at, r.supersedes,
           r.correction_reason)::text, 'UTF8')), 'hex') AS line) h
   WHERE s.list_id = reads_to_sign.list
$$;

-- What the claim's reader has to sign, or signed, list by list: of lists that are read to their end alone. `stands`: whether the newest signature is of the reads as they stand.
CREATE OR REPLACE FUNCTION nw.my_signatures() RETURNS TABLE (list_id uuid, reads int, sha256 text, first_at timestamptz, last_at timestamptz,
  meaning signature_meaning, signed_at timestamptz, stands boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT l.list_id, r.reads, r.sha256, r.first_at, r.last_at,
         CASE WHEN 'size' = ANY (l.shows) THEN 'alone_size_shown' ELSE 'alone_size_hidden' END::signature_meaning, g.signed_at, g.reads_sha256 = r.sha256
    FROM nw.my_lists() l CROSS JOIN LATERAL nw.reads_to_sign(l.list_id) r
    LEFT JOIN LATERAL (SELECT * FROM read_signature g WHERE g.list_id = l.list_id ORDER BY g.signed_at DESC LIMIT 1) g ON true
   WHERE l.state = 'complete' AND r.reads > 0
$$;
GRANT EXECUTE ON FUNCTION nw.my_signatures() TO nw_reader;

-- Signs the reads of a list, as the reader was shown them: `sha256` is what the page said, and only what stands is signed. `checked_hash` is that of the password that was given, which the
-- reader's role cannot know: without a password that was checked nothing is signed. Answers when it was signed, by an earlier call too; null: the password is another by now.
CREATE OR REPLACE FUNCTION nw.sign_reads(list uuid, sha256 text, checked_hash text) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  code text := nw.hold_reader();
  mine record;
  signed timestamptz;
BEGIN
  PERFORM FROM credential c WHERE c.person_id = nw.person_id() AND c.password_hash = sign_reads.checked_hash FOR SHARE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT m.* INTO mine FROM nw.my_signatures() m WHERE m.list_id = sign_reads.list;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Reads are signed at the end of their list. Nothing was signed; read what is left of it first.' USING ERRCODE = 'NW006', CONSTRAINT = 'list_is_not_read';
  END IF;
  IF mine.sha256 IS DISTINCT FROM sign_reads.sha256 THEN
    RAISE EXCEPTION 'These reads are not as the page showed them. Nothing was signed; load the page again.' USING ERRCODE = 'NW006', CONSTRAINT = 'reads_to_sign_changed';
  END IF;
  IF mine.stands THEN RETURN mine.signed_at; END IF;
  INSERT INTO read_signature (study_id, list_id, reads, reads_sha256, meaning, protocol_version_id, signed_name)
  SELECT l.study_id, l.id, mine.reads, mine.sha256, mine.meaning, l.protocol_version_id, p.name
    FROM reading_list l JOIN person p ON p.id = nw.person_id() WHERE l.id = sign_reads.list
  RETURNING signed_at INTO signed;
  PERFORM nw.note_deed('reads.signed', 'reading_list', l.id::text, NULL,
      jsonb_build_object('reader', code, 'condition', l.condition_key, 'batch', l.batch, 'reads', mine.reads, 'sha256', mine.sha256))
    FROM reading_list l WHERE l.id = sign_reads.list;
  RETURN signed;
END $$;
GRANT EXECUTE ON FUNCTION nw.sign_reads(uuid, text, text) TO nw_reader;

-- The lists of which reads were submitted here, with the newest signature of each, where there is one, and whether its hash is that of the reads as they stand: computed anew.
CREATE OR REPLACE FUNCTION nw.signatures() RETURNS TABLE (list_id uuid, reader_code text, condition_key text, batch int, reads int, meaning signature_meaning,
  protocol_version text, signed_name text, signed_at timestamptz, sha256 text, stands boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT l.id, m.reader_code, l.condition_key, l.batch, r.reads, g.meaning, v.version, g.signed_name, g.signed_at, g.reads_sha256, g.reads_sha256 = r.sha256
    FROM reading_list l JOIN membership m ON m.id = l.membership_id CROSS JOIN LATERAL nw.reads_to_sign(l.id) r
    LEFT JOIN LATERAL (SELECT * FROM read_signature g WHERE g.list_id = l.id ORDER BY g.signed_at DESC LIMIT 1) g ON true
    LEFT JOIN protocol_version v ON v.id = g.protocol_version_id
   WHERE l.study_id = nw.study_id() AND r.reads > 0
     AND (nw.claim(1) IN ('coordinator', 'principal_investigator', 'monitor') OR nw.locked() AND nw.claim(1) IN ('worker', 'data_scientist'))
   ORDER BY m.reader_code, l.condition_ordinal, l.batch
$$;
GRANT EXECUTE ON FUNCTION nw.signatures() TO nw_coordinator, nw_principal_investigator, nw_monitor, nw_worker, nw_data_scientist;
