-- Who acts. A Postgres setting can be set by anybody who can send SQL, so the setting `nodewise.actor` counts only when its signature is right:
-- HMAC-SHA-256 under a secret that lives in nw_private.secret and in the server's memory (db/actor.ts).
-- Claim: role|person|study|site|membership|transaction|expires (seconds since 1970)|signature in hex. The transaction is that of one connection, by its process and
-- its beginning: a statement that asks twice is answered for the same person, because no other claim that somebody has counts beside it.

-- Every function that runs with its owner's rights names pg_temp last: left out, it is searched first, and a temporary table of the caller would
-- stand in for ours.
-- The transaction of this connection, as claims name it (db/actor.ts asks in the same words).
CREATE OR REPLACE FUNCTION nw.this_transaction() RETURNS text LANGUAGE sql STABLE
  RETURN pg_backend_pid() || ':' || extract(epoch FROM transaction_timestamp());

-- Whether it is the installation itself that asks or writes (a migration, its operator with the owner's login), which has no claim. Nobody who has come in by the
-- login of the pages or the worker is, whatever role or claim was put away since.
CREATE OR REPLACE FUNCTION nw.is_installation() RETURNS boolean LANGUAGE sql STABLE RETURN session_user NOT IN ('nodewise_web', 'nodewise_worker');

CREATE OR REPLACE FUNCTION nw.claim(field int) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- Asked a hundred times while a read is submitted: few statements, each of them a short one.
  token text := coalesce(current_setting('nodewise.actor', true), '');
  -- A signature has 64 digits.
  payload text := left(token, -65);
  said text[] := string_to_array(payload, '|');
  secret text := (SELECT value FROM nw_private.secret);
  -- Signed, of this transaction, and under its own role only: under another, taken on by hand, it would open what that role may call. (DISTINCT, so that a missing
  -- secret refuses every claim.)
  counts boolean := token <> ''
    AND split_part(token, '|', 8) IS NOT DISTINCT FROM encode(nw_private.hmac(payload, secret, 'sha256'), 'hex')
    AND current_setting('role') IS NOT DISTINCT FROM 'nw_' || said[1]
    AND said[6] IS NOT DISTINCT FROM nw.this_transaction();
  member uuid;
BEGIN
  IF current_setting('role') NOT IN ('none', 'nw_kernel') THEN
    -- At any other isolation whatever is checked is checked as it was when the transaction began: what others wrote since stays unseen.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
      RAISE EXCEPTION 'Nodewise is asked at the isolation level READ COMMITTED only. Nothing was saved; set no other.'
        USING ERRCODE = 'NW006', CONSTRAINT = 'needs_read_committed';
    END IF;
    -- A plan counts and estimates the rows that policies hide. Whoever opens one under another name runs it from there (EXECUTE, FETCH, MOVE). Such a word
    -- begins a statement: what stands in quotes is another's. (The command line's, long and with thousands of rows to check, are the operator's own.)
    IF NOT (counts AND said[1] = 'importer')
       AND current_query() COLLATE "C" ~* '(^|;|\*/|[\n\r])\s*(explain|execute|fetch|move)\M' THEN
      RAISE EXCEPTION 'plans are told to nobody, and nobody runs a statement by its name' USING ERRCODE = '42501';
    END IF;
  END IF;
  IF NOT counts THEN RETURN NULL; END IF;
  -- Not NULL: a statement under way would go on without it.
  IF said[7]::bigint < extract(epoch FROM clock_timestamp()) THEN
    RAISE EXCEPTION 'this claim expired' USING ERRCODE = '42501';
  END IF;
  -- A role in a study is that of a membership, once whoever it needs has confirmed it (membership.sql) and until it ends.
  IF said[1] NOT IN ('sign_in', 'person', 'importer', 'worker', 'sealer') THEN
    member := nullif(said[5], '');
    IF NOT EXISTS (SELECT FROM public.membership m WHERE m.id = member AND m.person_id::text = said[2] AND m.study_id::text = said[3] AND m.role::text = said[1]
                      AND m.confirmed_at IS NOT NULL AND m.ended_at IS NULL) THEN
      RETURN NULL;
    END IF;
  END IF;
  RETURN nullif(said[field], '');
END $$;

-- Bodies without quotes are bound when they are made: the caller's search_path has no say in them, and the planner can inline them.
CREATE OR REPLACE FUNCTION nw.role() RETURNS text LANGUAGE sql STABLE RETURN 'nw_' || nw.claim(1);
CREATE OR REPLACE FUNCTION nw.person_id() RETURNS uuid LANGUAGE sql STABLE RETURN nw.claim(2)::uuid;
CREATE OR REPLACE FUNCTION nw.study_id() RETURNS uuid LANGUAGE sql STABLE RETURN nw.claim(3)::uuid;
CREATE OR REPLACE FUNCTION nw.site_id() RETURNS uuid LANGUAGE sql STABLE RETURN nw.claim(4)::uuid;
CREATE OR REPLACE FUNCTION nw.membership_id() RETURNS uuid LANGUAGE sql STABLE RETURN nw.claim(5)::uuid;
-- Whether the claim is of every site of its study. (No claim is of none.)
CREATE OR REPLACE FUNCTION nw.of_every_site() RETURNS boolean LANGUAGE sql STABLE RETURN nw.claim(1) IS NOT NULL AND nw.claim(4) IS NULL;

-- Whether there is a claim, asked when a statement is planned: where there is none, no row is looked at, so that neither time nor plan says how many there are.
-- (IMMUTABLE has the planner ask it. The policies of each table ask again when the statement runs: a plan that somebody kept opens nothing.) Nor where plans
-- are printed, which hold estimates of all rows; nor for a statement with a name, whose plan is kept and told later by that name (EXPLAIN EXECUTE) without being
-- made, or asked for, anew. (Ours have none, and a transaction begins without any: db/actor.ts.)
CREATE OR REPLACE FUNCTION nw.has_claim() RETURNS boolean LANGUAGE sql IMMUTABLE
  RETURN nw.claim(1) IS NOT NULL AND current_setting('debug_print_plan') = 'off' AND NOT EXISTS (SELECT FROM pg_prepared_statement());

-- What earlier transactions noted is on disk before it is answered for: somebody may have ended them without waiting for that (synchronous_commit), and then
-- brings the server down. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.settled() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF pg_current_wal_flush_lsn() < pg_current_wal_insert_lsn() THEN PERFORM pg_logical_emit_message(false, 'nodewise', '', true); END IF;
  RETURN true;
END $$;

-- Whether an earlier transaction locked the database of a study: whoever locks it sees what opens from the next one on. In the same, all of it could be looked at
-- and the lock rolled back without a trace. Nobody may call it.
CREATE OR REPLACE FUNCTION nw.locked_before(study uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM public.study s WHERE s.id = locked_before.study AND s.state = 'locked' AND (s.lock_transaction = txid_current_if_assigned()) IS NOT TRUE);
END $$;

-- Whether the database of the claim's study is: most policies of results ask.
CREATE OR REPLACE FUNCTION nw.locked() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN nw.locked_before(nw.study_id());
END $$;

-- Whether the claim's person may create studies: asked by the policy of `study`, whose caller cannot see the column of others.
CREATE OR REPLACE FUNCTION nw.may_create_studies() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN coalesce((SELECT may_create_studies FROM person WHERE id = nw.person_id()), false);
END $$;

-- The creator of a study may add its site, protocol and first membership (the creator's own), and then only as its role allows.
CREATE OR REPLACE FUNCTION nw.may_found(study uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM public.study s WHERE s.id = may_found.study AND s.created_by = nw.person_id())
     AND NOT EXISTS (SELECT FROM membership m WHERE m.study_id = may_found.study);
END $$;

GRANT EXECUTE ON FUNCTION nw.claim(int), nw.role(), nw.person_id(), nw.study_id(), nw.site_id(), nw.membership_id(), nw.of_every_site(), nw.has_claim(), nw.locked(),
  nw.may_create_studies(), nw.may_found(uuid) TO
  nw_sign_in, nw_person, nw_importer, nw_worker, nw_sealer, nw_coordinator, nw_locating_radiologist, nw_reader, nw_pathologist, nw_data_scientist,
  nw_principal_investigator, nw_monitor, nw_administrator;
