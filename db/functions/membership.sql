-- Roles in a study.

-- Whoever makes an account knows its first password, and can be the one that changed it. So an account that a manager of other studies made is taken into a study
-- once its password was set with a link, which only whoever administers accounts or the server makes: those make the accounts of everybody. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.refuse_foreign_account(given membership) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE made record;
BEGIN
  IF nw.claim(1) IS NULL OR nw.claim(1) NOT IN ('administrator', 'principal_investigator') THEN RETURN; END IF;
  SELECT maker.name, account.created_at INTO made FROM person account JOIN person maker ON maker.id = account.created_by
   WHERE account.id = given.person_id AND NOT maker.program AND NOT maker.administrator
     AND NOT EXISTS (SELECT FROM credential c WHERE c.person_id = account.id AND c.by_link)
     AND NOT EXISTS (SELECT FROM membership m WHERE m.study_id = given.study_id AND m.person_id = maker.id AND m.role IN ('administrator', 'principal_investigator')
                        AND m.confirmed_at IS NOT NULL AND m.ended_at IS NULL);
  IF FOUND THEN
    RAISE EXCEPTION 'This account was made by % on %, who may know its password. Nothing was saved; add it once its person has set a new password with a link from an administrator of accounts.',
      made.name, made.created_at::date USING ERRCODE = 'NW003', CONSTRAINT = 'account_of_another_study',
      DETAIL = jsonb_build_object('maker', made.name, 'day', made.created_at::date)::text;
  END IF;
END $$;

-- How the code of a reader is written in the roster of a study, or with its reads, where that differs in case alone. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.written_otherwise(study uuid, reader_code text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT w.code FROM (SELECT m.reader_code FROM membership m WHERE m.study_id = $1 UNION SELECT r.reader_code FROM read r WHERE r.study_id = $1) w (code)
   WHERE lower(w.code) = lower($2) AND w.code <> $2 ORDER BY 1 LIMIT 1
$$;

-- A reader holds no other role in the study; neither does the locating radiologist or the pathologist read. Reads are those of a code: it is one person's for
-- good, and a person's only one, so that whoever left and returns goes on under it. Asked after the row's policy: before it, the refusal would tell anybody
-- who reads where.
CREATE OR REPLACE FUNCTION nw.refuse_leaky_membership() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  other study_role;
  holder text;
BEGIN
  -- At any other isolation a role that was given meanwhile on another connection would stay unseen below.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'Roles are given at the isolation level READ COMMITTED only. Nothing was saved; set no other.'
      USING ERRCODE = 'NW003', CONSTRAINT = 'roles_need_read_committed';
  END IF;
  -- First of all: a role that ended meanwhile holds no lock, and is told nothing.
  PERFORM nw.take_lock('roles of a person', new.study_id::text || ' ' || new.person_id::text);
  IF nw.claim(1) = 'person' AND new.role <> 'principal_investigator' THEN
    RAISE EXCEPTION 'Whoever founds a study is its principal investigator. Nothing was saved; other roles are given to others.'
      USING ERRCODE = 'NW003', CONSTRAINT = 'founder_is_principal_investigator';
  END IF;
  PERFORM nw.refuse_foreign_account(new);
  SELECT role INTO other FROM membership
   WHERE study_id = new.study_id AND person_id = new.person_id AND role <> new.role AND (role = 'reader' OR new.role = 'reader') LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'This person is or was % in this study and cannot be % as well: a reader holds no other role, before or after.', other, new.role
      USING ERRCODE = 'NW003', CONSTRAINT = 'reader_holds_other_role', DETAIL = jsonb_build_object('held', other, 'asked', new.role)::text;
  END IF;
  IF new.role = 'reader' THEN
    PERFORM nw.take_lock('reader codes of a study', new.study_id::text);
    SELECT p.name INTO holder FROM membership m JOIN person p ON p.id = m.person_id
     WHERE m.study_id = new.study_id AND lower(m.reader_code) = lower(new.reader_code) AND m.person_id <> new.person_id LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'Code % is or was % in this study and stays so: its reads would be taken for one reader''s. Choose another code.', new.reader_code, holder
        USING ERRCODE = 'NW004', CONSTRAINT = 'reader_code_of_another', DETAIL = jsonb_build_object('code', new.reader_code, 'person', holder)::text;
    END IF;
    SELECT m.reader_code INTO holder FROM membership m
     WHERE m.study_id = new.study_id AND m.person_id = new.person_id AND m.reader_code <> new.reader_code LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'This person read in this study as % and goes on under that code: one person is one reader.', holder
        USING ERRCODE = 'NW004', CONSTRAINT = 'reader_has_code', DETAIL = jsonb_build_object('code', holder)::text;
    END IF;
    -- What is imported for a reader goes by the code of the protocol.
    SELECT r.code INTO holder FROM study s JOIN protocol_version v ON v.id = s.protocol_version_id CROSS JOIN LATERAL jsonb_array_elements_text(v.document -> 'readers') r (code)
     WHERE s.id = new.study_id AND lower(r.code) = lower(new.reader_code) AND r.code <> new.reader_code LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'The protocol writes this reader''s code %: reads under another one would be those of two. Nothing was saved; write it so.', holder
        USING ERRCODE = 'NW004', CONSTRAINT = 'reader_code_as_in_protocol', DETAIL = jsonb_build_object('code', holder)::text;
    END IF;
    holder := nw.written_otherwise(new.study_id, new.reader_code);
    IF holder IS NOT NULL THEN
      RAISE EXCEPTION 'In this study the code of this reader is written %. Nothing was saved; write it so.', holder
        USING ERRCODE = 'NW004', CONSTRAINT = 'reader_code_as_in_roster', DETAIL = jsonb_build_object('code', holder)::text;
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_leaky_membership AFTER INSERT ON membership FOR EACH ROW EXECUTE FUNCTION nw.refuse_leaky_membership();

-- Whether a role shows truth or identity, or gives roles, as its grants say: a second person confirms it.
CREATE OR REPLACE FUNCTION nw.needs_second_person(role study_role) RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT has_function_privilege('nw_' || $1::text, 'nw.identity_of(uuid)', 'EXECUTE') OR bool_or(has_any_column_privilege('nw_' || $1::text, x.relation, x.privilege))
    FROM (VALUES ('subject_identity', 'SELECT'), ('pathology_report', 'SELECT'), ('membership', 'INSERT')) x (relation, privilege)
$$;

-- What counts from the start: a role that shows nothing, one that the operator of the server gives (who has the database anyway), and that of whoever founds
-- a study, which holds nothing yet. What is written past the roles says itself since when.
CREATE OR REPLACE FUNCTION nw.confirm_or_wait() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IN ('importer', 'person') OR NOT nw.needs_second_person(new.role) THEN new.confirmed_at := coalesce(new.confirmed_at, now()); END IF;
  RETURN new;
END $$;
CREATE TRIGGER confirm_or_wait BEFORE INSERT ON membership FOR EACH ROW EXECUTE FUNCTION nw.confirm_or_wait();

-- Whoever gives or ends a role stands in the trail with it. (That of whoever founds a study comes with the study; the installation has no claim.)
CREATE OR REPLACE FUNCTION nw.note_member() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF coalesce(nw.claim(1), 'person') <> 'person' THEN
    PERFORM nw.note_deed(CASE WHEN tg_op = 'UPDATE' THEN 'member.ended' WHEN new.confirmed_at IS NULL THEN 'member.proposed' ELSE 'member.added' END,
      'person', new.person_id::text, NULL, jsonb_build_object('role', new.role, 'readerCode', new.reader_code));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER note_member AFTER INSERT ON membership FOR EACH ROW EXECUTE FUNCTION nw.note_member();
CREATE TRIGGER note_member_end AFTER UPDATE ON membership FOR EACH ROW WHEN (old.ended_at IS NULL AND new.ended_at IS NOT NULL) EXECUTE FUNCTION nw.note_member();

-- Who may be the one that acts as a person in a study: the person, whoever made the account or a link to its password, and whoever may act as these in turn.
-- A line ends at the operator of the server, who has the database anyway, and at whoever administers accounts and never had a role in this study: such a person
-- makes the accounts of everybody. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.may_act_as(person uuid, study uuid) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH RECURSIVE line AS (
    SELECT may_act_as.person AS id
    UNION
    SELECT maker.id FROM line
     CROSS JOIN LATERAL (SELECT p.created_by FROM person p WHERE p.id = line.id UNION ALL SELECT l.created_by FROM password_link l WHERE l.person_id = line.id) made
      JOIN person maker ON maker.id = made.created_by
     WHERE NOT maker.program
       AND (NOT maker.administrator OR EXISTS (SELECT FROM membership m WHERE m.study_id = may_act_as.study AND m.person_id = maker.id))
  )
  SELECT id FROM line
$$;

-- Why the claim's person is not the second person whom a membership needs, as the key of a sentence; NULL: may confirm it. That is nobody who may be the one
-- that gave it or the one that holds it, through whatever accounts. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.not_the_second_person(given membership) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE me uuid := nw.person_id();
BEGIN
  RETURN CASE
    WHEN nw.claim(1) = 'importer' THEN NULL
    WHEN given.person_id = me THEN 'confirmed_by_its_holder'
    WHEN given.given_by = me THEN 'confirmed_by_its_giver'
    WHEN EXISTS (SELECT nw.may_act_as(me, given.study_id)
                 INTERSECT (SELECT nw.may_act_as(given.given_by, given.study_id) UNION ALL SELECT nw.may_act_as(given.person_id, given.study_id)))
      THEN 'confirmed_by_a_made_account'
    WHEN given.site_id IS DISTINCT FROM coalesce(nw.site_id(), given.site_id) THEN 'confirmed_at_another_site'
  END;
END $$;

-- The roles of the claim's study that wait, and why the claim's person may not confirm each; NULL: may.
CREATE OR REPLACE FUNCTION nw.waiting_members() RETURNS TABLE (id uuid, obstacle text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.id, nw.not_the_second_person(m) FROM membership m
   WHERE m.study_id = nw.study_id() AND m.confirmed_at IS NULL AND m.ended_at IS NULL AND nw.claim(1) IN ('administrator', 'principal_investigator', 'importer')
$$;
GRANT EXECUTE ON FUNCTION nw.waiting_members() TO nw_administrator, nw_principal_investigator, nw_importer;

-- The second person confirms a role that waits. Of two at once one does. False: there is none that waits.
CREATE OR REPLACE FUNCTION nw.confirm_member(id uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  waiting membership;
  obstacle text;
BEGIN
  SELECT * INTO waiting FROM membership m WHERE m.id = confirm_member.id AND m.study_id = nw.study_id() AND m.confirmed_at IS NULL AND m.ended_at IS NULL
     AND nw.claim(1) IN ('administrator', 'principal_investigator', 'importer') FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  obstacle := nw.not_the_second_person(waiting);
  IF obstacle IS NOT NULL THEN
    RAISE EXCEPTION 'A role that shows truth or identity, or gives roles, is confirmed by a second person.' USING ERRCODE = 'NW003', CONSTRAINT = obstacle;
  END IF;
  UPDATE membership m SET confirmed_at = now(), confirmed_by = nw.person_id() WHERE m.id = waiting.id;
  PERFORM nw.note_deed('member.confirmed', 'person', waiting.person_id::text, NULL, jsonb_build_object('role', waiting.role));
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION nw.confirm_member(uuid) TO nw_administrator, nw_principal_investigator, nw_importer;

-- Whether an account is there: whoever adds members sees no persons outside the study.
CREATE OR REPLACE FUNCTION nw.person_by_email(email text) RETURNS TABLE (id uuid, name text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id, p.name FROM person p WHERE lower(p.email) = lower($1)
     AND (nw.claim(1) IN ('administrator', 'principal_investigator', 'importer') OR nw.claim(1) = 'person' AND nw.administers(nw.person_id()))
$$;
GRANT EXECUTE ON FUNCTION nw.person_by_email(text) TO nw_administrator, nw_principal_investigator, nw_importer, nw_person;

-- The person that records of the command line name: one for each user of the operating system, so that every deed of it says who. It has no
-- password, so nobody signs in as it.
CREATE OR REPLACE FUNCTION nw.command_line(os_user text) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE address text := encode(convert_to(os_user, 'UTF8'), 'hex') || '@command-line.nodewise.invalid';
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'importer' THEN RETURN NULL; END IF;
  INSERT INTO person (email, name, may_create_studies, program) VALUES (address, 'Command line (' || os_user || ')', true, true) ON CONFLICT DO NOTHING;
  RETURN (SELECT p.id FROM person p WHERE p.email = address AND p.program);
END $$;
GRANT EXECUTE ON FUNCTION nw.command_line(text) TO nw_importer;

-- Whether an account is made by this very transaction, and for a person: a password comes with it. One that has none gets none from anybody else.
CREATE OR REPLACE FUNCTION nw.is_made_now(person uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN nw.claim(1) IN ('administrator', 'principal_investigator', 'importer', 'person')
     AND EXISTS (SELECT FROM public.person p WHERE p.id = is_made_now.person AND p.created_at = now() AND NOT p.program);
END $$;
GRANT EXECUTE ON FUNCTION nw.is_made_now(uuid) TO nw_administrator, nw_principal_investigator, nw_importer, nw_person;
