-- What is an answer to the form of the protocol, of the study and of practice alike.

-- The call that a rule set of the protocol proposes (`core/reading/rule-set.ts`) by how many criteria are present and by the short axis in mm, null where it is hidden.
-- Nobody may call it.
CREATE OR REPLACE FUNCTION nw.proposed_call(rules jsonb, present bigint, mm numeric) RETURNS call LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  SELECT CASE WHEN present >= n.criteria THEN 'positive' ELSE 'negative' END::call FROM (
    SELECT (rules #>> '{sizeHidden,criteria}')::int AS criteria WHERE mm IS NULL AND rules IS NOT NULL
    UNION ALL
    (SELECT (b.value ->> 'criteria')::int FROM jsonb_array_elements(rules -> 'sizeShown') WITH ORDINALITY b (value, place)
      WHERE (mm < (b.value ->> 'below')::numeric) IS NOT FALSE AND (mm <= (b.value ->> 'upTo')::numeric) IS NOT FALSE AND mm IS NOT NULL ORDER BY b.place LIMIT 1)) n
$$;

-- What of an answer is none to the form under which the case was shown, by the same rules as `server/services/reading/check-read.ts`, which says them in words; null: nothing.
-- `reason` is that of a correction. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.field_not_of_form(c nw.shown_case, criteria jsonb, rule_set text, proposed call, decided call, override_reason text, confidence int,
  active_ms int, rating float8, not_evaluable text, reason text DEFAULT NULL) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  document jsonb := (SELECT v.document FROM protocol_version v WHERE v.id = c.protocol_version_id);
  form jsonb := document -> 'form';
  scale jsonb := form -> 'rating';
  reasons jsonb := form #> '{notEvaluable,reasons}';
  judged boolean := not_evaluable IS NULL;
  keys text[] := CASE WHEN judged THEN ARRAY(SELECT k ->> 'key' FROM jsonb_array_elements(form -> 'criteria') k) ELSE '{}' END;
  rules jsonb := (SELECT r FROM jsonb_array_elements(document -> 'ruleSets') r WHERE r ->> 'key' = form ->> 'ruleSet' AND judged);
BEGIN
  -- In this order: what is no object has no keys.
  RETURN CASE
    WHEN (active_ms BETWEEN 0 AND 86400000) IS NOT TRUE THEN 'activeMs'
    WHEN jsonb_typeof(criteria) IS DISTINCT FROM 'object' THEN 'criteria'
    WHEN NOT criteria ?& keys OR criteria - keys <> '{}' OR EXISTS (SELECT FROM jsonb_each(criteria) e WHERE jsonb_typeof(e.value) <> 'boolean') THEN 'criteria'
    WHEN NOT judged AND (reasons IS NULL OR reasons <> '[]' AND NOT EXISTS (SELECT FROM jsonb_array_elements(reasons) r WHERE r ->> 'key' = not_evaluable)) THEN 'notEvaluable'
    WHEN (confidence IS NOT NULL) <> (judged AND form ? 'confidence') OR confidence NOT BETWEEN 0 AND 100 THEN 'confidence'
    WHEN (rating IS NOT NULL) <> (judged AND scale IS NOT NULL) OR rating NOT BETWEEN (scale ->> 'min')::float8 AND (scale ->> 'max')::float8 THEN 'rating'
    WHEN (rating - (scale ->> 'min')::float8) / (scale ->> 'step')::float8 <> trunc((rating - (scale ->> 'min')::float8) / (scale ->> 'step')::float8) THEN 'rating'
    WHEN (decided IS NOT NULL) <> judged OR (rating >= (scale ->> 'positiveFrom')::float8) <> (decided = 'positive') THEN 'call'
    WHEN rule_set IS DISTINCT FROM rules ->> 'key' THEN 'ruleSet'
    WHEN proposed IS DISTINCT FROM nw.proposed_call(rules, (SELECT count(*) FROM jsonb_each(criteria) e WHERE e.value = 'true'), c.short_axis_mm) THEN 'proposed'
    WHEN override_reason IS NOT NULL AND rules IS NULL OR override_reason IS NULL AND proposed <> decided THEN 'overrideReason'
    -- As `withLines` of core/text/characters.ts.
    ELSE (SELECT t.field FROM (VALUES ('overrideReason', override_reason), ('notEvaluable', not_evaluable), ('reason', reason)) t (field, said)
           WHERE length(t.said) > 500 OR t.said ~ '[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]' LIMIT 1) END;
END $$;

-- Refuses such an answer: one read that lacks what the form asks for, or has what it does not, and the analysis of the whole study would fail for good. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.check_answer(c nw.shown_case, criteria jsonb, rule_set text, proposed call, decided call, override_reason text, confidence int,
  active_ms int, rating float8, not_evaluable text, reason text DEFAULT NULL) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE field text := nw.field_not_of_form(c, criteria, rule_set, proposed, decided, override_reason, confidence, active_ms, rating, not_evaluable, reason);
BEGIN
  IF field IS NOT NULL THEN
    RAISE EXCEPTION 'What the read says as % is no answer to the form of the protocol. Nothing was saved; load the page again.', field
      USING ERRCODE = 'NW008', CONSTRAINT = 'answer_not_of_form', DETAIL = jsonb_build_object('field', field)::text;
  END IF;
END $$;
