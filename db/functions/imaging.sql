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
