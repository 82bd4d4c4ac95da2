-- Guesses at passwords. A password is checked only after it was counted as wrong; the right one takes its count back. So of many that come at once no
-- more are checked than of many that come one after the other.
--
-- All who come from one source wait for each other at its count, so the disk is not waited for (`synchronous_commit`): what a crash can take is the
-- counts, and the sessions, of its last half second.
--
-- Three counts stand beside each other, each with its pause: from this source to this account, from this source to all, to this account from all. The
-- last does not hold for a source from which the account was signed in to before: strangers cannot keep its owner out.
--
-- Strangers do not fill the disk: a try that is paused leaves nothing, what is typed as an account is kept as its hash, and each try that is counted takes with it
-- some of the counts that say nothing any more. An account that nobody has is counted as any other, which would else be told from it.

-- The source as it is counted: whoever has one address of IPv6 has the /64.
CREATE OR REPLACE FUNCTION nw.counted_source(source text) RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
BEGIN
  RETURN CASE WHEN position(':' IN source) > 0 THEN host(network(set_masklen(source::inet, 64))) ELSE left(source, 64) END;
END $$;

-- The account as it is counted.
CREATE OR REPLACE FUNCTION nw.counted_account(account text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  SELECT encode(sha256(convert_to(account, 'UTF8')), 'hex')
$$;

-- The seconds until a password of this account is looked at again from this source; 0: now.
CREATE OR REPLACE FUNCTION nw.pause_of_sign_in(account text, source text) RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  of_source text := nw.counted_source(pause_of_sign_in.source);
  of_account text := nw.counted_account(pause_of_sign_in.account);
  pause interval;
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'sign_in' THEN RAISE EXCEPTION 'only signing in counts guesses' USING ERRCODE = '42501'; END IF;
  SELECT max(b.opens_at) - clock_timestamp() INTO pause FROM sign_in_brake b
    WHERE (b.source, b.account) IN ((of_source, ''), (of_source, of_account))
       OR (b.source = '' AND b.account = of_account AND NOT EXISTS (
            SELECT FROM sign_in_brake k
             WHERE k.source = of_source AND k.account = of_account AND k.known_at > clock_timestamp() - interval '90 days'));
  RETURN greatest(0, ceil(extract(epoch FROM pause)));
END $$;

-- Counts a try and gives 0; or, while one of the three is paused, gives the seconds to wait and counts nothing.
CREATE OR REPLACE FUNCTION nw.begin_sign_in(account text, source text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  of_source text := nw.counted_source(begin_sign_in.source);
  of_account text := nw.counted_account(begin_sign_in.account);
  tried timestamptz;
  pause int;
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'sign_in' THEN RAISE EXCEPTION 'only signing in counts guesses' USING ERRCODE = '42501'; END IF;
  PERFORM set_config('synchronous_commit', 'off', true);
  pause := nw.pause_of_sign_in(begin_sign_in.account, begin_sign_in.source);
  IF pause > 0 THEN RETURN pause; END IF;
  LOOP
    INSERT INTO sign_in_brake AS b (source, account)
      VALUES ('', of_account), (of_source, ''), (of_source, of_account) ON CONFLICT DO NOTHING;
    -- In one order, so that two who try at once wait for each other and not both.
    PERFORM FROM sign_in_brake b
      WHERE (b.source, b.account) IN (('', of_account), (of_source, ''), (of_source, of_account))
      ORDER BY b.source, b.account FOR UPDATE;
    -- One that another try was just taking away is made anew.
    EXIT WHEN (SELECT count(*) = 3 FROM sign_in_brake b WHERE (b.source, b.account) IN (('', of_account), (of_source, ''), (of_source, of_account)));
  END LOOP;
  tried := clock_timestamp();
  pause := nw.pause_of_sign_in(begin_sign_in.account, begin_sign_in.source);
  IF pause > 0 THEN RETURN pause; END IF;
  -- As many wrong passwords as are free without a pause, the next after 5 s, 10 s, 20 s ... up to a quarter of an hour; time takes one back in each `leak`.
  UPDATE sign_in_brake b SET failures = n.failures, tried_at = tried,
         opens_at = tried + CASE WHEN round(n.failures) < n.free THEN interval '0'
           ELSE least(interval '15 minutes', interval '5 seconds' * 2 ^ least(20, round(n.failures) - n.free)) END,
         forgotten_at = greatest(tried + n.failures * n.leak, b.known_at + interval '90 days')
    FROM (SELECT each.source, each.account, of_kind.free, of_kind.leak,
                 greatest(0, each.failures - extract(epoch FROM tried - each.tried_at) / extract(epoch FROM of_kind.leak)) + 1 AS failures
            FROM sign_in_brake each,
                 LATERAL (SELECT CASE WHEN each.source = '' THEN 100 WHEN each.account = '' THEN 30 ELSE 5 END AS free,
                                 CASE WHEN each.source = '' OR each.account = '' THEN interval '1 minute' ELSE interval '15 minutes' END AS leak) of_kind
           WHERE (each.source, each.account) IN (('', of_account), (of_source, ''), (of_source, of_account))) n
   WHERE b.source = n.source AND b.account = n.account;
  -- More than a try makes. Those that somebody holds are counted just now.
  DELETE FROM sign_in_brake b USING (
    SELECT o.source, o.account FROM sign_in_brake o WHERE o.forgotten_at < tried ORDER BY o.forgotten_at LIMIT 20 FOR UPDATE SKIP LOCKED) o
   WHERE b.source = o.source AND b.account = o.account;
  RETURN 0;
END $$;

-- The password was right. Of what the source and the account have on their counts, only this try is taken back: whoever has one account does not
-- clear the guesses at others.
CREATE OR REPLACE FUNCTION nw.end_sign_in(account text, source text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  of_source text := nw.counted_source(end_sign_in.source);
  of_account text := nw.counted_account(end_sign_in.account);
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'sign_in' THEN RAISE EXCEPTION 'only signing in counts guesses' USING ERRCODE = '42501'; END IF;
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM FROM sign_in_brake b
    WHERE (b.source, b.account) IN (('', of_account), (of_source, ''), (of_source, of_account))
    ORDER BY b.source, b.account FOR UPDATE;
  UPDATE sign_in_brake b SET failures = greatest(0, b.failures - 1)
    WHERE (b.source, b.account) IN (('', of_account), (of_source, ''));
  UPDATE sign_in_brake b SET failures = 0, opens_at = clock_timestamp(), known_at = clock_timestamp(), forgotten_at = clock_timestamp() + interval '90 days'
    WHERE b.source = of_source AND b.account = of_account;
END $$;
GRANT EXECUTE ON FUNCTION nw.pause_of_sign_in(text, text), nw.begin_sign_in(text, text), nw.end_sign_in(text, text) TO nw_sign_in;
