-- The check of a reader's screen before cases are opened, where the protocol asks for it.

-- What the protocol in force asks of a screen ({"minWidth", "minHeight"}), unless the reader's was looked at in the last twelve hours (`core/reading/display-check.ts`); null: nothing,
-- as after the lock.
CREATE OR REPLACE FUNCTION nw.display_check_due() RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT v.document #> '{reading,displayCheck}' FROM study s JOIN protocol_version v ON v.id = s.protocol_version_id AND v.study_id = s.id
   WHERE s.id = nw.study_id() AND nw.claim(1) = 'reader' AND s.state <> 'locked' AND NOT EXISTS (
     SELECT FROM display_check c WHERE c.membership_id = nw.membership_id() AND c.passed AND c.checked_at > now() - interval '12 hours'
        AND c.width >= (v.document #>> '{reading,displayCheck,minWidth}')::int AND c.height >= (v.document #>> '{reading,displayCheck,minHeight}')::int)
$$;
GRANT EXECUTE ON FUNCTION nw.display_check_due() TO nw_reader;

-- Notes what came of a check, passed or not. Answers whether it passed: both squares found each time, on a page that is large enough. It says of the screen what the reader
-- says: nobody else sees it.
CREATE OR REPLACE FUNCTION nw.note_display_check(dark int, bright int, width int, height int, pixel_ratio int) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  asked jsonb := (SELECT v.document #> '{reading,displayCheck}' FROM study s JOIN protocol_version v ON v.id = s.protocol_version_id AND v.study_id = s.id WHERE s.id = nw.study_id());
  good boolean;
BEGIN
  PERFORM nw.hold_reader();
  IF asked IS NULL THEN
    RAISE EXCEPTION 'The protocol asks for no check of the screen. Nothing was saved.' USING ERRCODE = 'NW006', CONSTRAINT = 'display_check_not_asked';
  END IF;
  good := note_display_check.dark = 2 AND note_display_check.bright = 2 AND note_display_check.width >= (asked ->> 'minWidth')::int AND note_display_check.height >= (asked ->> 'minHeight')::int;
  INSERT INTO display_check (study_id, membership_id, dark, bright, width, height, pixel_ratio, passed)
  VALUES (nw.study_id(), nw.membership_id(), note_display_check.dark, note_display_check.bright, note_display_check.width, note_display_check.height, note_display_check.pixel_ratio, good);
  RETURN good;
END $$;
GRANT EXECUTE ON FUNCTION nw.note_display_check(int, int, int, int, int) TO nw_reader;
