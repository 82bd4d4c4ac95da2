-- Guesses at passwords. A password is checked only after it was counted as wrong; the right one takes its count back. So of many that come at once no
-- more are checked than of many that come one after the other, and a server that dies in between has counted.
--
-- Three counts stand beside each other, each with its pause: from this source to this account, from this source to all, to this account from all. The
-- last does not hold for a source from which the account was signed in to before: strangers cannot keep its owner out.

-- The source as it is counted: whoever has one address of IPv6 has the /64.
CREATE OR REPLACE FUNCTION nw.counted_source(source text) RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
BEGIN
  RETURN CASE WHEN position(':' IN source) > 0 THEN host(network(set_masklen(source::inet, 64))) ELSE source END;
END $$;

-- Counts a try and gives 0; or, while one of the three is paused, gives the seconds to wait and counts nothing.
CREATE OR REPLACE FUNCTION nw.begin_sign_in(account text, source text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  counted text := nw.counted_source(begin_sign_in.source);
  tried timestamptz;
  pause interval;
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'sign_in' THEN RAISE EXCEPTION 'only signing in counts guesses' USING ERRCODE = '42501'; END IF;
  INSERT INTO sign_in_brake AS b (source, account)
    VALUES ('', begin_sign_in.account), (counted, ''), (counted, begin_sign_in.account) ON CONFLICT DO NOTHING;
  -- In one order, so that two who try at once wait for each other and not both.
  PERFORM FROM sign_in_brake b
    WHERE (b.source, b.account) IN (('', begin_sign_in.account), (counted, ''), (counted, begin_sign_in.account))
    ORDER BY b.source, b.account FOR UPDATE;
  tried := clock_timestamp();
  SELECT max(b.opens_at) - tried INTO pause FROM sign_in_brake b
    WHERE (b.source, b.account) IN ((counted, ''), (counted, begin_sign_in.account))
       OR (b.source = '' AND b.account = begin_sign_in.account AND NOT EXISTS (
            SELECT FROM sign_in_brake k WHERE k.source = counted AND k.account = begin_sign_in.account AND k.known_at > tried - interval '90 days'));
  IF pause > interval '0' THEN RETURN ceil(extract(epoch FROM pause)); END IF;
  -- As many wrong passwords as are free without a pause, the next after 5 s, 10 s, 20 s ... up to a quarter of an hour; time takes one back in each `leak`.
  UPDATE sign_in_brake b SET failures = n.failures, tried_at = tried,
         opens_at = tried + CASE WHEN round(n.failures) < n.free THEN interval '0'
           ELSE least(interval '15 minutes', interval '5 seconds' * 2 ^ least(20, round(n.failures) - n.free)) END
    FROM (SELECT each.source, each.account, of_kind.free,
                 greatest(0, each.failures - extract(epoch FROM tried - each.tried_at) / extract(epoch FROM of_kind.leak)) + 1 AS failures
            FROM sign_in_brake each,
                 LATERAL (SELECT CASE WHEN each.source = '' THEN 100 WHEN each.account = '' THEN 30 ELSE 5 END AS free,
                                 CASE WHEN each.source = '' OR each.account = '' THEN interval '1 minute' ELSE interval '15 minutes' END AS leak) of_kind
           WHERE (each.source, each.account) IN (('', begin_sign_in.account), (counted, ''), (counted, begin_sign_in.account))) n
   WHERE b.source = n.source AND b.account = n.account;
  RETURN 0;
END $$;

-- The password was right. Of what the source and the account have on their counts, only this try is taken back: whoever has one account does not
-- clear the guesses at others.
CREATE OR REPLACE FUNCTION nw.end_sign_in(account text, source text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE counted text := nw.counted_source(end_sign_in.source);
BEGIN
  IF nw.claim(1) IS DISTINCT FROM 'sign_in' THEN RAISE EXCEPTION 'only signing in counts guesses' USING ERRCODE = '42501'; END IF;
  PERFORM FROM sign_in_brake b
    WHERE (b.source, b.account) IN (('', end_sign_in.account), (counted, ''), (counted, end_sign_in.account))
    ORDER BY b.source, b.account FOR UPDATE;
  UPDATE sign_in_brake b SET failures = greatest(0, b.failures - 1)
    WHERE (b.source, b.account) IN (('', end_sign_in.account), (counted, ''));
  UPDATE sign_in_brake b SET failures = 0, opens_at = clock_timestamp(), known_at = clock_timestamp()
    WHERE b.source = counted AND b.account = end_sign_in.account;
END $$;
GRANT EXECUTE ON FUNCTION nw.begin_sign_in(text, text), nw.end_sign_in(text, text) TO nw_sign_in;
