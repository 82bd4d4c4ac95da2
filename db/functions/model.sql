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

-- A run is of every image that is judged, so that nobody chooses which ones speak for a network. (Of a snapshot with a run no image is added; those of a subject who
-- withdrew since may be more. The installation itself makes up what it likes.)
CREATE OR REPLACE FUNCTION nw.refuse_partial_run() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE lacking bigint;
BEGIN
  IF nw.is_installation() THEN RETURN NULL; END IF;
  -- EXECUTE: planned for the rows there are, as in nw.refuse_made_up_item().
  EXECUTE 'SELECT count(*) FROM nw.judged_image j WHERE j.study_id = $1 AND NOT EXISTS (SELECT FROM dataset_item i WHERE i.snapshot_id = $2 AND i.crop_id = j.crop_id)'
    INTO lacking USING new.study_id, new.snapshot_id;
  IF lacking > 0 THEN
    RAISE EXCEPTION 'The snapshot lacks % of the images that are judged. Nothing was queued; freeze one with every image that has a reference standard.', lacking
      USING ERRCODE = 'NW007', CONSTRAINT = 'run_of_a_part', DETAIL = jsonb_build_object('lacking', lacking)::text;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_partial_run AFTER INSERT ON model_run FOR EACH ROW EXECUTE FUNCTION nw.refuse_partial_run();

-- Every run stands in the trail, whoever asks for it, with or without the service. (The installation itself acts in nobody's name.)
CREATE OR REPLACE FUNCTION nw.note_run() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE elsewhere boolean := coalesce(new.config ->> 'trainable' = 'elsewhere', false);
BEGIN
  IF nw.is_installation() THEN RETURN NULL; END IF;
  PERFORM nw.note_deed(CASE WHEN elsewhere THEN 'scores.imported' ELSE 'run.queued' END, 'model_run', new.id::text, NULL, jsonb_strip_nulls(
    CASE WHEN elsewhere THEN jsonb_build_object('file', new.config -> 'sourceFile', 'sha256', new.config -> 'sourceSha256')
         ELSE jsonb_build_object('trainable', new.config -> 'trainable', 'folds', s.folds, 'seed', s.seed, 'splitUnit', s.split_unit, 'sweep', new.sweep_id,
           'companionOf', new.companion_of, 'baseline', new.config -> 'baseline', 'frozen', new.config -> 'frozen',
           'shuffledLabels', nullif(new.config -> 'shuffledLabels', 'false'), 'sizeBlind', nullif(new.config -> 'sizeBlind', 'false')) END
    || jsonb_build_object('images', (SELECT count(*) FROM dataset_item i WHERE i.snapshot_id = s.id), 'snapshot', s.sha256)))
    FROM dataset_snapshot s WHERE s.id = new.snapshot_id;
  RETURN NULL;
END $$;
CREATE TRIGGER note_run AFTER INSERT ON model_run FOR EACH ROW EXECUTE FUNCTION nw.note_run();

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
