-- The audit trail. Person, role and study come from the claim, never from the caller.

-- Who did what, and why: called in the transaction of the deed. Without a claim there is no role, and no event.
CREATE OR REPLACE FUNCTION nw.record(action text, entity text, entity_id text, reason text, detail jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO audit_event (study_id, person_id, role, action, entity, entity_id, reason, detail)
  VALUES (nw.study_id(), nw.person_id(), nw.role(), $1, $2, $3, $4, $5)
$$;
-- Not to readers: what they do is recorded by the functions they work through.
GRANT EXECUTE ON FUNCTION nw.record(text, text, text, text, jsonb) TO
  nw_sign_in, nw_person, nw_importer, nw_worker, nw_coordinator, nw_locating_radiologist, nw_pathologist, nw_data_scientist,
  nw_principal_investigator, nw_monitor, nw_administrator;

-- The first look at readers or network against the truth, on a page, in a file or by the command line, is the moment at which the study is unblinded: a deed of
-- its own, once. (The index keeps two looks at once apart. Where somebody looked before there was this deed, no later look is called the first.)
CREATE OR REPLACE FUNCTION nw.note_unblinding() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT new.action = ANY (tg_argv) THEN RETURN NULL; END IF;
  IF EXISTS (SELECT FROM audit_event e WHERE e.study_id = new.study_id AND e.action = 'study.unblinded')
     OR EXISTS (SELECT FROM audit_event e WHERE e.study_id = new.study_id AND e.action = ANY (tg_argv) AND e.id < new.id) THEN RETURN NULL; END IF;
  INSERT INTO audit_event (study_id, person_id, role, action, entity, entity_id, detail)
  VALUES (new.study_id, new.person_id, new.role, 'study.unblinded', 'study', new.study_id::text, jsonb_build_object('by', new.action))
  ON CONFLICT (study_id) WHERE action = 'study.unblinded' DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER note_unblinding AFTER INSERT ON audit_event FOR EACH ROW
  EXECUTE FUNCTION nw.note_unblinding('analysis.viewed', 'analysis.exported', 'figures.viewed', 'scores.exported');

-- Whether the claim's person has looked at these very figures within the last quarter of an hour: a page that stays open is one look.
CREATE OR REPLACE FUNCTION nw.looks_still(runs text, input text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM audit_event e WHERE e.study_id = nw.study_id() AND e.person_id = nw.person_id() AND e.action = 'figures.viewed'
                    AND e.at > now() - interval '15 minutes' AND e.entity_id = $1 AND e.detail ->> 'input' IS NOT DISTINCT FROM $2)
$$;
GRANT EXECUTE ON FUNCTION nw.looks_still(text, text) TO nw_importer, nw_data_scientist, nw_principal_investigator;

-- A refusal is all that the server notes in a reader's name: of an action, no more than its name, and of the same one a quarter of an hour no more than the first,
-- or whoever is refused would fill the trail. (Two at once wait for each other; the second sees what the first noted.)
CREATE OR REPLACE FUNCTION nw.record_refusal(action text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE refused text := left($1, 60);
BEGIN
  PERFORM nw.hold('refusals of a person', jsonb_build_array(nw.person_id(), refused)::text);
  IF NOT EXISTS (SELECT FROM audit_event e WHERE e.study_id = nw.study_id() AND e.person_id = nw.person_id() AND e.action = 'access.refused'
                    AND e.at > now() - interval '15 minutes' AND e.entity_id = refused) THEN
    PERFORM nw.record('access.refused', 'action', refused, NULL, NULL);
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION nw.record_refusal(text) TO nw_coordinator, nw_locating_radiologist, nw_reader, nw_pathologist, nw_data_scientist,
  nw_principal_investigator, nw_monitor, nw_administrator;

-- What a row was and became, in the same transaction.
CREATE OR REPLACE FUNCTION nw.audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  b jsonb := CASE WHEN tg_op <> 'INSERT' THEN to_jsonb(old) END;
  a jsonb := CASE WHEN tg_op <> 'DELETE' THEN to_jsonb(new) END;
BEGIN
  INSERT INTO audit_change (study_id, person_id, role, table_name, operation, before, after)
  VALUES (coalesce(a ->> 'study_id', b ->> 'study_id', nw.study_id()::text)::uuid, nw.person_id(), nw.role(), tg_table_name, lower(tg_op), b, a);
  RETURN NULL;
END $$;
