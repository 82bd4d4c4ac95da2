-- Accounts of the installation: who administers them, passwords, and the links with which they are set.

-- Whether a person administers accounts. One of the demonstration, whose password everybody knows, does so only as long as nobody else can.
-- Asked about oneself, or in signing in.
CREATE OR REPLACE FUNCTION nw.administers(person uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (administers.person = nw.person_id() OR nw.claim(1) IS NOT DISTINCT FROM 'sign_in') AND EXISTS (
    SELECT FROM public.person p WHERE p.id = administers.person AND p.administrator AND p.disabled_at IS NULL
       AND (NOT p.demonstration OR NOT EXISTS (
         SELECT FROM public.person o WHERE o.administrator AND NOT o.demonstration AND o.disabled_at IS NULL)));
END $$;
GRANT EXECUTE ON FUNCTION nw.administers(uuid) TO nw_sign_in, nw_person;

-- A password takes long to check, and while it is checked it can be changed, its account closed, or a link to a new one used. Each of these, and whoever
-- opens a session, holds the person's row before it looks at anything of theirs. So a session is opened while its password still counts, and ends with it, or not at all.

-- Opens a session for the password that was checked. Nothing: by now it is another, or the account is closed.
CREATE OR REPLACE FUNCTION nw.open_session(person uuid, checked_hash text, user_agent text, hours int) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE opened uuid;
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'sign_in' THEN RAISE EXCEPTION 'only signing in opens a session' USING ERRCODE = '42501'; END IF;
  PERFORM FROM public.person p WHERE p.id = open_session.person AND p.disabled_at IS NULL FOR SHARE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  INSERT INTO session (person_id, user_agent, expires_at)
    SELECT c.person_id, open_session.user_agent, now() + make_interval(hours => open_session.hours) FROM credential c
     WHERE c.person_id = open_session.person AND c.password_hash = open_session.checked_hash
    RETURNING id INTO opened;
  RETURN opened;
END $$;
GRANT EXECUTE ON FUNCTION nw.open_session(uuid, text, text, int) TO nw_sign_in;

-- A person's own password; every other session of theirs ends. Gives the number of those; nothing, where the password that was checked is another by now, or
-- the session that asks has ended.
CREATE OR REPLACE FUNCTION nw.change_password(checked_hash text, password_hash text, keep_session uuid) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE ended int;
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'person' THEN RAISE EXCEPTION 'only a person changes a password' USING ERRCODE = '42501'; END IF;
  PERFORM FROM person p WHERE p.id = nw.person_id() AND p.disabled_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  UPDATE credential c SET password_hash = change_password.password_hash, must_change = false, changed_at = now()
   WHERE c.person_id = nw.person_id() AND c.password_hash = change_password.checked_hash
     AND EXISTS (SELECT FROM session s WHERE s.id = change_password.keep_session AND s.person_id = c.person_id AND s.revoked_at IS NULL AND s.expires_at > now());
  IF NOT FOUND THEN RETURN NULL; END IF;
  UPDATE password_link l SET ended_at = now() WHERE l.person_id = nw.person_id() AND l.ended_at IS NULL;
  UPDATE session s SET revoked_at = now()
   WHERE s.person_id = nw.person_id() AND s.revoked_at IS NULL AND s.expires_at > now() AND s.id <> change_password.keep_session;
  GET DIAGNOSTICS ended = ROW_COUNT;
  PERFORM nw.note_deed('password.changed', 'person', nw.person_id()::text, NULL, jsonb_build_object('sessionsEnded', ended));
  RETURN ended;
END $$;
GRANT EXECUTE ON FUNCTION nw.change_password(text, text, uuid) TO nw_person;

-- Ends a session of the person: signed out, or ended from another browser of theirs. False: it ended before, or is somebody else's.
CREATE OR REPLACE FUNCTION nw.close_session(session uuid, from_another boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'person' THEN RAISE EXCEPTION 'only a person ends a session' USING ERRCODE = '42501'; END IF;
  UPDATE public.session s SET revoked_at = now() WHERE s.id = close_session.session AND s.person_id = nw.person_id() AND s.revoked_at IS NULL;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM nw.note_deed(CASE WHEN from_another THEN 'session.revoked' ELSE 'session.closed' END, 'person', nw.person_id()::text, NULL, NULL);
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION nw.close_session(uuid, boolean) TO nw_person;

-- Whoever makes an account stands in the trail with it. (The installation, which has no claim, makes those of the demonstration.)
CREATE OR REPLACE FUNCTION nw.note_account() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IS NOT NULL THEN
    PERFORM nw.note_deed('account.created', 'person', new.id::text, NULL,
      jsonb_build_object('mayCreateStudies', new.may_create_studies, 'administrator', new.administrator));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER note_account AFTER INSERT ON person FOR EACH ROW WHEN (NOT new.program) EXECUTE FUNCTION nw.note_account();

-- Records of the command line name their user by an address that is nobody else's (`nw.command_line`). (After the row's policy, as every refusal.)
CREATE OR REPLACE FUNCTION nw.refuse_reserved_address() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'Addresses of nodewise.invalid are those of programs. Nothing was saved; give the address of the person.'
    USING ERRCODE = 'NW003', CONSTRAINT = 'address_is_reserved';
END $$;
CREATE TRIGGER refuse_reserved_address AFTER INSERT ON person FOR EACH ROW
  WHEN (NOT new.program AND lower(new.email) ~ '[@.]nodewise\.invalid\s*$') EXECUTE FUNCTION nw.refuse_reserved_address();

-- Whoever acts may do so to accounts: an administrator of them, or the command line.
CREATE OR REPLACE FUNCTION nw.refuse_unless_administering() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IS NOT DISTINCT FROM 'importer' OR (nw.claim(1) IS NOT DISTINCT FROM 'person' AND nw.administers(nw.person_id())) THEN RETURN; END IF;
  RAISE EXCEPTION 'accounts are administered by their administrators' USING ERRCODE = '42501';
END $$;

-- Makes a link the one with which the person may set a password, once within a day; those before it end. Noted here, so that nobody makes one unseen. False: there
-- is no such person who could sign in.
CREATE OR REPLACE FUNCTION nw.make_password_link(person uuid, secret_sha256 text, sent text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM nw.refuse_unless_administering();
  -- Links of one person are made one after the other, so that one alone is open.
  PERFORM FROM public.person p WHERE p.id = make_password_link.person AND NOT p.program AND p.disabled_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE password_link l SET ended_at = now() WHERE l.person_id = make_password_link.person AND l.ended_at IS NULL;
  INSERT INTO password_link (secret_sha256, person_id, created_by, expires_at)
    VALUES (make_password_link.secret_sha256, make_password_link.person, nw.person_id(), now() + interval '24 hours');
  PERFORM nw.note_deed('password.link_made', 'person', make_password_link.person::text, NULL, jsonb_build_object('sent', left(sent, 20), 'hours', 24));
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION nw.make_password_link(uuid, text, text) TO nw_importer, nw_person;

-- Whose password an open link sets; nobody's, where it was used, replaced, is too old or was never made.
CREATE OR REPLACE FUNCTION nw.person_of_password_link(secret_sha256 text) RETURNS TABLE (id uuid, email text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'sign_in' THEN RAISE EXCEPTION 'links are followed before signing in' USING ERRCODE = '42501'; END IF;
  RETURN QUERY SELECT p.id, p.email FROM password_link l JOIN public.person p ON p.id = l.person_id
    WHERE l.secret_sha256 = person_of_password_link.secret_sha256 AND l.ended_at IS NULL AND l.expires_at > clock_timestamp() AND p.disabled_at IS NULL;
END $$;
GRANT EXECUTE ON FUNCTION nw.person_of_password_link(text) TO nw_sign_in;

-- Uses a link up: of two that come at once, one. Every session of the person ends. Gives the person; nobody, as above.
CREATE OR REPLACE FUNCTION nw.use_password_link(secret_sha256 text, password_hash text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE whose uuid;
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'sign_in' THEN RAISE EXCEPTION 'links are followed before signing in' USING ERRCODE = '42501'; END IF;
  PERFORM FROM public.person p WHERE p.disabled_at IS NULL
     AND p.id = (SELECT l.person_id FROM password_link l WHERE l.secret_sha256 = use_password_link.secret_sha256) FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  UPDATE password_link l SET ended_at = now()
   WHERE l.secret_sha256 = use_password_link.secret_sha256 AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()
  RETURNING l.person_id INTO whose;
  IF whose IS NULL THEN RETURN NULL; END IF;
  INSERT INTO credential AS c (person_id, password_hash, by_link) VALUES (whose, use_password_link.password_hash, true)
    ON CONFLICT (person_id) DO UPDATE SET password_hash = excluded.password_hash, must_change = false, by_link = true, changed_at = now();
  UPDATE session s SET revoked_at = now() WHERE s.person_id = whose AND s.revoked_at IS NULL AND s.expires_at > now();
  RETURN whose;
END $$;
GRANT EXECUTE ON FUNCTION nw.use_password_link(text, text) TO nw_sign_in;

-- Closes an account, with its sessions and links, or opens it again. Nobody closes their own, so one administrator is left. False: nothing to change.
CREATE OR REPLACE FUNCTION nw.close_account(person uuid, closed boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM nw.refuse_unless_administering();
  UPDATE public.person p SET disabled_at = CASE WHEN closed THEN now() END
   WHERE p.id = close_account.person AND NOT p.program AND (p.disabled_at IS NULL) = closed AND p.id IS DISTINCT FROM nw.person_id();
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE session s SET revoked_at = now() WHERE s.person_id = close_account.person AND s.revoked_at IS NULL AND s.expires_at > now();
  UPDATE password_link l SET ended_at = now() WHERE l.person_id = close_account.person AND l.ended_at IS NULL;
  PERFORM nw.note_deed(CASE WHEN closed THEN 'account.closed' ELSE 'account.opened' END, 'person', close_account.person::text, NULL, NULL);
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION nw.close_account(uuid, boolean) TO nw_importer, nw_person;

-- Whether accounts whose password everybody knows stand open beside a study that is no demonstration: said on every page.
CREATE OR REPLACE FUNCTION nw.demonstration_beside_study() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN nw.claim(1) IS NOT DISTINCT FROM 'sign_in' AND EXISTS (SELECT FROM study WHERE NOT synthetic)
     AND EXISTS (SELECT FROM person p WHERE p.demonstration AND p.disabled_at IS NULL);
END $$;
GRANT EXECUTE ON FUNCTION nw.demonstration_beside_study() TO nw_sign_in;

-- The accounts of the demonstration that stand open: the start closes them where no demonstration is wanted.
CREATE OR REPLACE FUNCTION nw.open_demonstration() RETURNS TABLE (id uuid) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'importer' THEN RAISE EXCEPTION 'the start asks this' USING ERRCODE = '42501'; END IF;
  RETURN QUERY SELECT p.id FROM person p WHERE p.demonstration AND p.disabled_at IS NULL;
END $$;
GRANT EXECUTE ON FUNCTION nw.open_demonstration() TO nw_importer;

-- What the start asks before it makes a demonstration: whether there is one, whether its accounts are open, and whether somebody real administers.
CREATE OR REPLACE FUNCTION nw.who_is_here() RETURNS TABLE (demonstration boolean, open boolean, administrator boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'importer' THEN RAISE EXCEPTION 'the start asks this' USING ERRCODE = '42501'; END IF;
  RETURN QUERY SELECT EXISTS (SELECT FROM person p WHERE p.demonstration),
                      EXISTS (SELECT FROM nw.open_demonstration()),
                      EXISTS (SELECT FROM person p WHERE p.administrator AND NOT p.demonstration AND p.disabled_at IS NULL);
END $$;
GRANT EXECUTE ON FUNCTION nw.who_is_here() TO nw_importer;
