-- Images.

-- A crop that a schedule holds is what its readers judge, and one that has reads, imported ones too, is what they judged: it is replaced no more.
CREATE OR REPLACE FUNCTION nw.refuse_scheduled_crop() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM case_crop c JOIN reading_slot s ON s.case_id = c.case_id WHERE c.crop_id = new.id) THEN
    RAISE EXCEPTION 'This crop is in a reading schedule and can no longer be replaced.' USING ERRCODE = 'NW004', CONSTRAINT = 'crop_is_scheduled';
  END IF;
  IF EXISTS (SELECT FROM case_crop c JOIN read r ON r.case_id = c.case_id WHERE c.crop_id = new.id) THEN
    RAISE EXCEPTION 'This crop has reads and can no longer be replaced.' USING ERRCODE = 'NW004', CONSTRAINT = 'crop_is_read';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER refuse_scheduled_crop BEFORE UPDATE ON crop FOR EACH ROW EXECUTE FUNCTION nw.refuse_scheduled_crop();

-- Whoever may not see a picture before the lock has no copy of it in another study, where it is seen as it is stored: its pixels tell the size. (After the row's
-- policy: whoever may not write it is told nothing. A crop names what it holds by its hash, which readers know of what is shown, and the trail of what comes.)
CREATE OR REPLACE FUNCTION nw.refuse_hidden_crop() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- The command line sees every study as it is.
  IF nw.claim(1) <> 'importer' AND EXISTS (SELECT FROM membership m JOIN study s ON s.id = m.study_id JOIN crop c ON c.study_id = m.study_id AND c.sha256 = new.sha256
              WHERE m.person_id = nw.person_id() AND m.study_id <> new.study_id AND s.state <> 'locked'
                AND NOT EXISTS (SELECT FROM membership o WHERE o.study_id = m.study_id AND o.person_id = m.person_id
                                   AND o.role IN ('coordinator', 'locating_radiologist', 'pathologist', 'monitor'))) THEN
    RAISE EXCEPTION 'This picture is one of a study in which it is not shown to you before the lock. Nothing was saved; somebody else adds it.'
      USING ERRCODE = 'NW004', CONSTRAINT = 'crop_is_hidden';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_hidden_crop AFTER INSERT ON crop FOR EACH ROW EXECUTE FUNCTION nw.refuse_hidden_crop();
