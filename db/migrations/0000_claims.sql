-- The signed claim. A Postgres setting can be set by anybody who can send SQL, so the setting `nodewise.actor` counts
-- only when its signature is right: HMAC-SHA-256 under a secret that lives in nw_private.secret and in the server's memory.
-- Claim: role|person|study|site|membership|expires (seconds since 1970)|signature in hex.
-- Functions that run with their owner's rights name pg_temp last: left out, it is searched first, and a temporary table of the caller would
-- stand in for ours.
CREATE SCHEMA IF NOT EXISTS nw;
CREATE SCHEMA IF NOT EXISTS nw_private;
REVOKE ALL ON SCHEMA nw_private FROM PUBLIC;
-- Postgres lets everybody execute a new function; ours wait for a grant. Grants come before nw_kernel becomes the owner: afterwards only it could give them.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
GRANT USAGE ON SCHEMA nw TO PUBLIC;
GRANT USAGE ON SCHEMA nw_private TO nw_kernel;
GRANT CREATE, USAGE ON SCHEMA nw TO nw_kernel;
--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA nw_private;
--> statement-breakpoint
CREATE TABLE nw_private.secret (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), value text NOT NULL);
ALTER TABLE nw_private.secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE nw_private.secret FORCE ROW LEVEL SECURITY;
CREATE POLICY kernel ON nw_private.secret TO nw_kernel USING (true);
CREATE POLICY owner ON nw_private.secret TO nodewise_owner USING (true) WITH CHECK (true);
GRANT SELECT ON nw_private.secret TO nw_kernel;
--> statement-breakpoint
CREATE FUNCTION nw.claim(field int) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  token text := current_setting('nodewise.actor', true);
  payload text;
BEGIN
  IF coalesce(token, '') = '' THEN RETURN NULL; END IF;
  payload := regexp_replace(token, '\|[0-9a-f]*$', '');
  -- DISTINCT, so that a missing secret refuses every claim.
  IF split_part(token, '|', 7) IS DISTINCT FROM encode(nw_private.hmac(payload, (SELECT value FROM nw_private.secret), 'sha256'), 'hex') THEN
    RETURN NULL;
  END IF;
  IF split_part(payload, '|', 6)::bigint < extract(epoch FROM clock_timestamp()) THEN RETURN NULL; END IF;
  RETURN nullif(split_part(payload, '|', field), '');
END $$;
--> statement-breakpoint
-- Bodies without quotes are bound when they are made: the caller's search_path has no say in them.
CREATE FUNCTION nw.role() RETURNS text LANGUAGE sql STABLE RETURN 'nw_' || nw.claim(1);
CREATE FUNCTION nw.person_id() RETURNS uuid LANGUAGE sql STABLE RETURN nw.claim(2)::uuid;
CREATE FUNCTION nw.study_id() RETURNS uuid LANGUAGE sql STABLE RETURN nw.claim(3)::uuid;
CREATE FUNCTION nw.site_id() RETURNS uuid LANGUAGE sql STABLE RETURN nw.claim(4)::uuid;
CREATE FUNCTION nw.membership_id() RETURNS uuid LANGUAGE sql STABLE RETURN nw.claim(5)::uuid;
--> statement-breakpoint
CREATE FUNCTION nw.locked() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN coalesce((SELECT state = 'locked' FROM study WHERE id = nw.study_id()), false);
END $$;
--> statement-breakpoint
CREATE FUNCTION nw.may_create_studies() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN coalesce((SELECT may_create_studies FROM person WHERE id = nw.person_id()), false);
END $$;
--> statement-breakpoint
-- The creator of a study may add its site, protocol and first membership (the creator's own), and then only as its role allows.
CREATE FUNCTION nw.may_found(study uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM public.study s WHERE s.id = may_found.study AND s.created_by = nw.person_id())
     AND NOT EXISTS (SELECT FROM membership m WHERE m.study_id = may_found.study);
END $$;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION nw.claim(int), nw.role(), nw.person_id(), nw.study_id(), nw.site_id(), nw.membership_id(), nw.locked(),
  nw.may_create_studies(), nw.may_found(uuid) TO
  nw_kernel, nw_sign_in, nw_person, nw_importer, nw_worker, nw_coordinator, nw_locating_radiologist, nw_reader, nw_pathologist, nw_data_scientist,
  nw_principal_investigator, nw_monitor, nw_administrator;
ALTER FUNCTION nw.claim(int) OWNER TO nw_kernel;
ALTER FUNCTION nw.locked() OWNER TO nw_kernel;
ALTER FUNCTION nw.may_create_studies() OWNER TO nw_kernel;
ALTER FUNCTION nw.may_found(uuid) OWNER TO nw_kernel;
