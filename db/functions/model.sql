-- Snapshots, runs, tasks and scores: what a person may ask, and what only a worker says. (Each refusal comes after the row's policy: whoever may not write it
-- is told nothing.)

-- Scores by persons are of models trained elsewhere only, and come with their run.
CREATE OR REPLACE FUNCTION nw.refuse_made_up_score() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'worker' AND NOT EXISTS (
    SELECT FROM model_run r JOIN job j ON j.id = r.id WHERE r.id = new.run_id AND r.study_id = new.study_id AND r.config ->> 'trainable' = 'elsewhere'
       AND (nw.is_installation() OR j.created_at = now() AND j.created_by = nw.person_id())) THEN
    RAISE EXCEPTION 'Scores of a run come from its worker. Scores of a model trained elsewhere are imported as a run of their own.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'scores_come_from_the_worker';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_score AFTER INSERT ON crop_score FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_score();

-- A run begins with its job, which says how far it is; a model trained elsewhere comes with its scores.
CREATE OR REPLACE FUNCTION nw.refuse_made_up_run() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE needed text := CASE WHEN new.config ->> 'trainable' = 'elsewhere' THEN 'import' ELSE 'train' END;
BEGIN
  IF new.environment IS NOT NULL OR NOT EXISTS (SELECT FROM job j WHERE j.id = new.id AND j.study_id = new.study_id AND j.kind = needed) THEN
    RAISE EXCEPTION 'A run begins in the queue, with a job of its study; a model trained elsewhere comes with its scores.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'run_begins_in_the_queue';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_run AFTER INSERT ON model_run FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_run();

-- Likewise a task.
CREATE OR REPLACE FUNCTION nw.refuse_made_up_task() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF coalesce(new.result_sha256, new.result_type, new.result_name) IS NOT NULL OR new.detail IS NOT NULL
     OR NOT EXISTS (SELECT FROM job j WHERE j.id = new.id AND j.study_id = new.study_id AND j.kind = 'task')
     OR NOT EXISTS (SELECT FROM model_run r WHERE r.id = new.run_id AND r.study_id = new.study_id) THEN
    RAISE EXCEPTION 'A task begins in the queue, for a run of its study; what comes of it, its worker says.'
      USING ERRCODE = 'NW007', CONSTRAINT = 'task_begins_in_the_queue';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_made_up_task AFTER INSERT ON run_task FOR EACH ROW EXECUTE FUNCTION nw.refuse_made_up_task();

-- A snapshot has the images with which it came, so that what anybody else saw of it stays so.
CREATE OR REPLACE FUNCTION nw.refuse_late_item() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT snapshot_id FROM added) a JOIN dataset_snapshot s ON s.id = a.snapshot_id
              WHERE NOT nw.is_installation() AND (s.created_at = now() AND s.created_by = nw.person_id()) IS NOT TRUE OR EXISTS (SELECT FROM model_run r WHERE r.snapshot_id = s.id)) THEN
    RAISE EXCEPTION 'This snapshot is frozen: nothing is added to it. Freeze another one.' USING ERRCODE = 'NW007', CONSTRAINT = 'snapshot_is_frozen';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_late_item AFTER INSERT ON dataset_item REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_late_item();

-- An item says of its image what the records say, so that what is judged by items (who shares a fold, what leaks, areas) is judged by the records.
-- Above the model nothing changes after the lock, and before it there are no items.
CREATE OR REPLACE FUNCTION nw.refuse_made_up_item() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
  -- EXECUTE, so that it is planned for the rows there are: a plan that a connection keeps from a small study takes ten times as long in a large one.
  EXECUTE $q$
    SELECT a.crop_id, v.field, coalesce(v.said, 'nothing') AS said, coalesce(v.recorded, 'nothing') AS recorded, i.crop_id IS NOT NULL AS labelled
      FROM added a
      LEFT JOIN nw.judged_image i ON i.crop_id = a.crop_id AND i.study_id = (SELECT study_id FROM added LIMIT 1)
     CROSS JOIN LATERAL (VALUES ('subject', a.subject, i.subject), ('node', a.node, i.node), ('sha256', a.sha256, i.sha256),
       ('pixel_sha256', a.pixel_sha256, i.pixel_sha256), ('truth', a.truth::text, i.truth::text), ('width', a.width::text, i.width::text),
       ('height', a.height::text, i.height::text), ('short_axis_mm', a.short_axis_mm::text, i.short_axis_mm::float8::text)) v (field, said, recorded)
     WHERE v.said IS DISTINCT FROM v.recorded ORDER BY a.position LIMIT 1 $q$ INTO wrong;
  IF wrong IS NULL THEN RETURN NULL; END IF;
  IF NOT wrong.labelled THEN
    RAISE EXCEPTION 'Image % has no reference standard: it was superseded, its node was excluded, or pathology did not report or find it. Nothing was added; leave it out.',
      wrong.crop_id USING ERRCODE = 'NW007', CONSTRAINT = 'item_has_no_reference_standard', DETAIL = jsonb_build_object('crop', wrong.crop_id)::text;
  END IF;
  RAISE EXCEPTION 'Of image % the item says % %, the records say %. Nothing was added; take subject, node, hashes, truth and sizes from the records, as a freeze does.',
    wrong.crop_id, wrong.field, wrong.said, wrong.recorded USING ERRCODE = 'NW007', CONSTRAINT = 'item_differs_from_the_records',
    DETAIL = jsonb_build_object('crop', wrong.crop_id, 'field', wrong.field, 'said', wrong.said, 'recorded', wrong.recorded)::text;
END $$;
CREATE TRIGGER refuse_made_up_item AFTER INSERT ON dataset_item REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_made_up_item();
