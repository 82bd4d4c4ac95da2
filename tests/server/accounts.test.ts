import { createHash, randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { type SQL, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "@/db/actor";
import { createCaller } from "@/server/api/root";
import { commandLineActor, personActor, signInActor, withActor } from "@/server/door";
import { env } from "@/server/env";
import type { SignedIn } from "@/server/schemas/session";
import { addAccount } from "@/server/services/account/add-account";
import { besideStudy } from "@/server/services/account/beside-study";
import { changePassword } from "@/server/services/account/change-password";
import { closeAccount } from "@/server/services/account/close-account";
import { followPasswordLink } from "@/server/services/account/follow-password-link";
import { initialPassword } from "@/server/services/account/initial-password";
import { listAccounts } from "@/server/services/account/list-accounts";
import { makePasswordLink } from "@/server/services/account/make-password-link";
import { listEvents } from "@/server/services/audit/list-events";
import { demonstrationAccounts, demonstrationPassword } from "@/server/services/demonstration/accounts";
import { seedDemonstration } from "@/server/services/demonstration/seed-demonstration";
import { whoIsHere } from "@/server/services/demonstration/who-is-here";
import { closeSession } from "@/server/services/session/close-session";
import { findSession } from "@/server/services/session/find-session";
import { listSessions } from "@/server/services/session/list-sessions";
import { openSession } from "@/server/services/session/open-session";
import { addMember } from "@/server/services/study/add-member";
import { commandLinePerson } from "@/server/services/study/command-line-person";
import { createStudy } from "@/server/services/study/create-study";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { studyOfCommand } from "@/server/services/study/study-of-command";
import { freshDatabase } from "@/tests/support/database";
import { type MailServer, mailServer } from "@/tests/support/mail-server";
import { type MadeStudy, makeStudy } from "@/tests/support/study";

const database = await freshDatabase();
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
let commandLine: Actor;
let administrator: { personId: string; actor: Actor };
let study: MadeStudy;

let people = 0;
/** An account made by whoever acts, whose first password was changed. */
async function account(options: { by: Actor; administrator?: boolean; mayCreateStudies?: boolean }) {
  const { by, ...rights } = options;
  people += 1;
  const email = `Person${people}@example.org`;
  const first = await initialPassword();
  const personId = await withActor(by, (tx) =>
    addAccount(tx, { email, name: `Person ${people}`, passwordHash: first.passwordHash, ...rights }),
  );
  return { personId, email, first: first.password };
}

let tries = 0;
/** From another source each time: what is counted there has tests of its own. */
const source = () => `192.0.2.${++tries}`;

async function signIn(email: string, password: string): Promise<SignedIn | null> {
  const opened = await openSession({ email, password, source: source(), userAgent: "test", hours: 1 });
  if (!opened || !("sessionId" in opened)) return null;
  return found(opened.sessionId);
}
const found = (sessionId: string) => withActor(signInActor, (tx) => findSession(tx, { sessionId }));

async function signedIn(email: string, password: string): Promise<SignedIn> {
  const person = await signIn(email, password);
  if (!person) throw new Error(`${email} was not let in`);
  return person;
}

/** What the trail says of a person, oldest first. */
async function trailOf(personId: string) {
  const rows = await admin`
    select e.action, e.role, p.name as by, e.detail from audit_event e left join person p on p.id = e.person_id
     where e.entity = 'person' and e.entity_id = ${personId} order by e.id`;
  return rows.map((row) => ({ action: String(row.action), role: String(row.role), by: row.by, detail: row.detail }));
}
const deedsOf = async (personId: string) => (await trailOf(personId)).map(({ action }) => action);

const outcome = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code,
  );

const chosen = "a sentence of my own";

beforeAll(async () => {
  commandLine = { ...commandLineActor, personId: await commandLinePerson() };
  const { personId } = await account({ by: commandLine, administrator: true });
  administrator = { personId, actor: personActor(personId) };
  study = await makeStudy({ door: database.door, ownerUrl: database.owner });
});
afterAll(() => admin.end());

describe("the trail", () => {
  test("has signing in, signing out, a session ended from another browser, and a refused sign-in", async () => {
    const { personId, email, first } = await account({ by: administrator.actor });
    expect(await signIn(email, "wrong")).toBeNull();
    const one = await signedIn(email, first);
    const other = await signedIn(email, first);
    await closeSession({ sessionId: other.sessionId, personId, from: "another" });
    await closeSession({ sessionId: one.sessionId, personId, from: "itself" });
    await closeSession({ sessionId: one.sessionId, personId, from: "itself" });
    const trail = await trailOf(personId);
    expect(trail.map(({ action, role }) => `${action} ${role}`)).toEqual([
      "account.created nw_person",
      "sign_in.refused nw_sign_in",
      "session.opened nw_sign_in",
      "session.opened nw_sign_in",
      "session.revoked nw_person",
      "session.closed nw_person",
    ]);
    expect(trail.at(1)).toMatchObject({ by: null, detail: { source: expect.stringMatching(/^192\.0\.2\./) } });
    expect(trail.at(2)?.by, "whoever signed in").toBe(trail.at(5)?.by);
    expect(trail.at(2)?.by).not.toBeNull();
  });

  test("has the pause after many wrong passwords, and never an address that nobody has", async () => {
    const { personId, email } = await account({ by: administrator.actor });
    const from = source();
    const guess = (address: string) =>
      openSession({ email: address, password: "wrong", source: from, userAgent: "test", hours: 1 });
    for (let i = 0; i < 5; i++) expect(await guess(email)).toBeNull();
    expect(await guess(email)).toEqual({ waitSeconds: expect.any(Number) });
    expect((await deedsOf(personId)).slice(1)).toEqual([
      ...Array.from({ length: 5 }, () => "sign_in.refused"),
      "sign_in.paused",
    ]);
    await guess("hunter2@example.org");
    const [{ n } = { n: 0 }] = await admin`
      select count(*)::int as n from audit_event e where to_jsonb(e)::text like '%hunter2%'`;
    expect(n).toBe(0);
    const [last] = await admin`select action, entity from audit_event order by id desc limit 1`;
    expect(last).toEqual({ action: "sign_in.refused", entity: null });
  });

  test("of accounts and sessions is open to their administrators, and to nobody else", async () => {
    const { events } = await withActor(administrator.actor, (tx) =>
      listEvents(tx, { studyId: null }, { before: null }),
    );
    expect(events.map(({ action }) => action)).toContain("session.opened");
    const { personId } = await account({ by: administrator.actor });
    const others = [personActor(personId), study.members.principal_investigator, study.members.monitor];
    for (const actor of others) {
      const seen = await withActor(actor, (tx) => listEvents(tx, { studyId: null }, { before: null }));
      expect(seen.events).toEqual([]);
    }
  });

  test("names the user of the operating system in every deed of the command line, a refused command included", async () => {
    const { actor } = await studyOfCommand(study.slug, { command: "lock" });
    expect(actor.personId).toBe(commandLine.personId);
    const [event] = await admin`
      select e.action, e.entity_id, e.study_id, p.name from audit_event e join person p on p.id = e.person_id order by e.id desc limit 1`;
    expect(event).toEqual({
      action: "command.run",
      entity_id: "lock",
      study_id: study.studyId,
      name: `Command line (${userInfo().username})`,
    });
    const { monitor } = study.members;
    const { events } = await withActor(monitor, (tx) => listEvents(tx, monitor, { before: null }));
    expect(events[0], "as a monitor reads it").toMatchObject({ action: "command.run", by: event?.name });
  });
});

describe("a password that somebody else has seen", () => {
  test("is that of a new account, whoever made it, and of a member of a study who had none", async () => {
    const made = await account({ by: administrator.actor });
    const byCommandLine = await account({ by: commandLine });
    const { password, passwordHash } = await initialPassword();
    const pi = study.members.principal_investigator;
    const member = { email: "member@example.org", name: "A member", role: "monitor" as const, readerCode: null };
    await withActor(pi, (tx) => addMember(tx, pi, { ...member, passwordHash }));
    for (const [email, first] of [
      [made.email, made.first],
      [byCommandLine.email, byCommandLine.first],
      [member.email, password],
    ] as const)
      expect(await signedIn(email, first), email).toMatchObject({ mustChangePassword: true });
  });

  test("is changed by its owner alone, to another one; the other sessions end", async () => {
    const { personId, email, first } = await account({ by: administrator.actor });
    const elsewhere = await signedIn(email, first);
    const here = await signedIn(email, first);
    const change = (password: string, newPassword: string) => changePassword(here, { password, newPassword });
    await expect(change("wrong", chosen)).rejects.toMatchObject({ said: { key: "errors.password_wrong" } });
    await expect(change(first, first)).rejects.toMatchObject({ said: { key: "errors.password_same" } });
    expect(await found(here.sessionId)).toMatchObject({ mustChangePassword: true });
    expect(await change(first, chosen)).toEqual({ ended: 1 });
    expect(await found(here.sessionId)).toMatchObject({ mustChangePassword: false });
    expect(await found(elsewhere.sessionId)).toBeNull();
    expect(await signIn(email, first)).toBeNull();
    expect(await signIn(email, chosen)).toMatchObject({ personId, mustChangePassword: false });
    expect(await deedsOf(personId)).toContain("password.changed");
  });

  test("cannot be guessed from an open browser", async () => {
    const { email, first } = await account({ by: administrator.actor });
    const here = await signedIn(email, first);
    const guess = () => changePassword(here, { password: "wrong", newPassword: chosen });
    for (let i = 0; i < 5; i++) await expect(guess()).rejects.toMatchObject({ said: { key: "errors.password_wrong" } });
    await expect(guess()).rejects.toMatchObject({ code: "too_many" });
  });

  test("is given with the account and never to one that is there, nor to a program", async () => {
    const { personId } = await account({ by: administrator.actor });
    await admin`delete from credential where person_id = ${personId}`;
    const give = (to: string | null, mustChange = true) =>
      sql`insert into credential (person_id, password_hash, must_change) values (${to}, 'x', ${mustChange})`;
    const makers = [
      administrator.actor,
      study.members.administrator,
      study.members.principal_investigator,
      commandLine,
    ];
    for (const actor of makers) {
      expect(await outcome(withActor(actor, (tx) => tx.execute(give(personId)))), actor.role).toBe("42501");
      expect(await outcome(withActor(actor, (tx) => tx.execute(give(commandLine.personId)))), actor.role).toBe("42501");
      const email = `${actor.role}-made@example.org`;
      const make = (mustChange: boolean) =>
        withActor(actor, async (tx) => {
          const [row] = await tx.execute<{ id: string }>(sql`select gen_random_uuid() as id`);
          await tx.execute(sql`insert into person (id, email, name) values (${row?.id}, ${email}, 'New')`);
          await tx.execute(give(row?.id ?? null, mustChange));
        });
      expect(await outcome(make(false)), `${actor.role}: unchanged`).toBe("42501");
      expect(await outcome(make(true)), `${actor.role}: with the account`).toBe("done");
    }
  });
});

describe("at the doors of the server", () => {
  const callAs = (person: SignedIn) => createCaller({ person, locale: "en" });

  test("whoever has to change the password does that and nothing else", async () => {
    const { email, first } = await account({ by: administrator.actor });
    const person = await signedIn(email, first);
    await expect(callAs(person).study.list()).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    await expect(callAs(person).person.account()).resolves.toMatchObject({ passwordFirst: true });
    await callAs(person).person.changePassword({ password: first, newPassword: chosen });
    const after = await signedIn(email, chosen);
    await expect(callAs(after).study.list()).resolves.toEqual([]);
  });

  test("accounts are an administrator's: anybody else is refused before the database is asked", async () => {
    const { email, first } = await account({ by: administrator.actor });
    const person = { ...(await signedIn(email, first)), mustChangePassword: false };
    const { accounts } = callAs(person);
    for (const call of [accounts.list(), accounts.trail({ before: null }), accounts.makePasswordLink({ email })])
      await expect(call).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(callAs({ ...person, ...administrator, administersAccounts: true }).accounts.list()).resolves.toEqual(
      expect.arrayContaining([expect.objectContaining({ id: person.personId })]),
    );
  });

  test("a stream ends with its session", async () => {
    const { principal_investigator: pi } = study.members;
    const [session] = await admin`
      insert into session (person_id, expires_at) values (${pi.personId}, now() + interval '1 hour') returning id`;
    const person: SignedIn = {
      sessionId: session?.id,
      personId: pi.personId,
      email: "pi@example.org",
      name: "PI",
      mayCreateStudies: true,
      administersAccounts: false,
      mustChangePassword: false,
    };
    await admin`insert into credential (person_id, password_hash) values (${pi.personId}, 'x')`;
    const look = async () => {
      const live = await callAs(person).analysis.live({ study: study.slug, analysisId: randomUUID() });
      for await (const _ of live);
    };
    await expect(look()).rejects.toMatchObject({ code: "not_found" });
    await closeSession({ sessionId: person.sessionId, personId: pi.personId, from: "another" });
    await expect(look()).rejects.toMatchObject({ code: "not_signed_in" });
  });
});

describe("while a password is checked", () => {
  /** Until something waits for a lock. */
  const somebodyWaits = async () => {
    for (let i = 0; i < 200; i++) {
      const [row] = await admin<{ n: number }[]>`
        select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      if (row?.n) return;
      await new Promise((done) => setTimeout(done, 25));
    }
    throw new Error("Nobody waited.");
  };
  const hashOf = async (personId: string) =>
    (await admin<{ hash: string }[]>`select password_hash as hash from credential where person_id = ${personId}`)[0]
      ?.hash ?? "";
  const change = async ({ personId, sessionId }: SignedIn) =>
    sql`select nw.change_password(${await hashOf(personId)}, 'another', ${sessionId})`;
  const close = (personId: string) => sql`select nw.close_account(${personId}, true)`;
  const link = async (email: string) => {
    const made = await makePasswordLink(administrator.actor, { email, locale: "en" });
    return made.link?.split("#")[1] ?? "";
  };
  const use = (secret: string) =>
    sql`select nw.use_password_link(${createHash("sha256").update(secret).digest("hex")}, 'another')`;

  /** What `meanwhile` comes to, which begins and waits while `first` is done and not yet kept. */
  async function behind<T>(actor: Actor, first: SQL, meanwhile: () => Promise<T>, end: "kept" | "undone" = "kept") {
    let waiting: Promise<T> | undefined;
    await withActor(actor, async (tx) => {
      await tx.execute(first);
      waiting = meanwhile();
      waiting.catch(() => {});
      await somebodyWaits();
      if (end === "undone") throw new Error("undone");
    }).catch((error: Error) => {
      if (error.message !== "undone") throw error;
    });
    if (!waiting) throw new Error("Nothing began.");
    return waiting;
  }

  test("it is changed, its account closed or a link used: no session opens with it, and the trail says that it was refused", async () => {
    const { personId, email, first } = await account({ by: administrator.actor });
    const owner = await signedIn(email, first);
    const thief = () => signIn(email, first);
    const asOwner = personActor(personId);
    expect(await behind(asOwner, await change(owner), thief, "undone"), "control").not.toBeNull();
    expect(await behind(administrator.actor, close(personId), thief, "undone"), "control").not.toBeNull();
    const secret = await link(email);
    expect(await behind(signInActor, use(secret), thief, "undone"), "control").not.toBeNull();
    expect(await behind(asOwner, await change(owner), thief)).toBeNull();
    expect((await deedsOf(personId)).at(-1)).toBe("sign_in.refused");

    const other = await account({ by: administrator.actor });
    expect(await behind(administrator.actor, close(other.personId), () => signIn(other.email, other.first))).toBeNull();
    const third = await account({ by: administrator.actor });
    const used = use(await link(third.email));
    expect(await behind(signInActor, used, () => signIn(third.email, third.first))).toBeNull();
  });

  test("a session that opened before it is changed ends with it", async () => {
    const { personId, email, first } = await account({ by: administrator.actor });
    const owner = await signedIn(email, first);
    const open = sql`select nw.open_session(${personId}, ${await hashOf(personId)}, 'thief', 1)`;
    const changing = () => changePassword(owner, { password: first, newPassword: chosen });
    expect(await behind(signInActor, open, changing)).toEqual({ ended: 1 });
    const sessions = await admin`select user_agent from session where person_id = ${personId} and revoked_at is null`;
    expect(sessions).toEqual([{ user_agent: "test" }]);
  });

  test("it is changed by one of two who know it, and by no session that ended", async () => {
    const { personId, email, first } = await account({ by: administrator.actor });
    const [owner, thief] = [await signedIn(email, first), await signedIn(email, first)];
    const changing = (who: SignedIn) => changePassword(who, { password: first, newPassword: chosen });
    const late = behind(personActor(personId), await change(owner), () => changing(thief));
    await expect(late).rejects.toMatchObject({ code: "invalid" });
    expect(await hashOf(personId)).toBe("another");
    const next = await account({ by: administrator.actor });
    const [kept, ended] = [await signedIn(next.email, next.first), await signedIn(next.email, next.first)];
    await closeSession({ sessionId: ended.sessionId, personId: next.personId, from: "another" });
    await expect(changePassword(ended, { password: next.first, newPassword: chosen })).rejects.toMatchObject({
      code: "invalid",
    });
    expect(await changePassword(kept, { password: next.first, newPassword: chosen })).toEqual({ ended: 0 });
  });

  test("a link does not set it for an account that is closed meanwhile", async () => {
    const { personId, email } = await account({ by: administrator.actor });
    const secret = await link(email);
    const before = await hashOf(personId);
    const following = () => followPasswordLink({ secret, password: chosen });
    await expect(behind(administrator.actor, close(personId), following)).rejects.toMatchObject({ code: "not_found" });
    expect(await hashOf(personId)).toBe(before);
  });
});

describe("a link to a new password", () => {
  const make = (email: string) => makePasswordLink(administrator.actor, { email, locale: "en" });
  const secretOf = ({ link }: { link: string | null }) => link?.split("#")[1] ?? "";
  const use = (secret: string) => followPasswordLink({ secret, password: chosen });
  const gone = { said: { key: "errors.password_link_gone" } };

  test("sets it once, ends every session, and is stored as its hash; until then the old one counts", async () => {
    const { personId, email, first } = await account({ by: administrator.actor });
    const before = await signedIn(email, first);
    const made = await make(email.toLowerCase());
    expect(made).toEqual({ link: expect.stringMatching(/^http.*\/password#[\w-]{43}$/), hours: 24 });
    const stored = await admin`select to_jsonb(l)::text as row from password_link l where person_id = ${personId}`;
    expect(stored).toHaveLength(1);
    expect(stored[0]?.row).not.toContain(secretOf(made));
    expect(await found(before.sessionId)).not.toBeNull();
    expect(await use(secretOf(made))).toEqual({ email: email.toLowerCase() });
    expect(await found(before.sessionId)).toBeNull();
    expect(await signIn(email, first)).toBeNull();
    expect(await signIn(email, chosen)).toMatchObject({ mustChangePassword: false });
    await expect(use(secretOf(made))).rejects.toMatchObject(gone);
    expect(await deedsOf(personId)).toEqual(expect.arrayContaining(["password.link_made", "password.link_used"]));
  });

  test("is used by one of three who come at once", async () => {
    const { email } = await account({ by: administrator.actor });
    const secret = secretOf(await make(email));
    const ends = await Promise.allSettled([use(secret), use(secret), use(secret)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
  });

  test("ends with a newer one, after a day, when its person changes the password, and when the account is closed", async () => {
    const ways: ((person: { personId: string; email: string; first: string }) => Promise<unknown>)[] = [
      ({ email }) => make(email),
      ({ personId }) =>
        admin`update password_link set expires_at = now() - interval '1 s' where person_id = ${personId}`,
      async ({ email, first }) =>
        changePassword(await signedIn(email, first), { password: first, newPassword: chosen }),
      ({ personId }) => withActor(administrator.actor, (tx) => closeAccount(tx, { personId, closed: true })),
    ];
    for (const end of ways) {
      const person = await account({ by: administrator.actor });
      const secret = secretOf(await make(person.email));
      await end(person);
      await expect(use(secret)).rejects.toMatchObject(gone);
    }
    await expect(use("never-made")).rejects.toMatchObject(gone);
  });

  test("is made by an administrator or the command line, for somebody who can sign in", async () => {
    const { personId, email } = await account({ by: administrator.actor });
    for (const actor of [personActor(personId), study.members.administrator, study.members.principal_investigator])
      expect(await outcome(makePasswordLink(actor, { email, locale: "en" })), actor.role).toMatch(
        /^(42501|not_found)$/,
      );
    expect(await outcome(make("nobody@example.org"))).toBe("not_found");
    const [program] = await admin`select email from person where program limit 1`;
    expect(await outcome(make(program?.email))).toBe("not_found");
    expect(await outcome(makePasswordLink(commandLine, { email, locale: "en" }))).toBe("done");
  });

  describe("where mail is set up", () => {
    let mail: MailServer;
    beforeAll(async () => {
      mail = await mailServer();
    });
    afterAll(() => mail.close());
    const settings = env();
    const { SMTP_URL, MAIL_FROM } = settings;
    afterEach(() => Object.assign(settings, { SMTP_URL, MAIL_FROM }));

    test("it goes to the person alone, in the language of whoever asked, and works", async () => {
      const { email } = await account({ by: administrator.actor });
      Object.assign(settings, { SMTP_URL: mail.url, MAIL_FROM: "nodewise@example.org" });
      expect(await make(email)).toEqual({ link: null, hours: 24 });
      const [letter = ""] = mail.letters;
      expect(letter).toContain(`To: ${email}`);
      expect(letter).toContain("Subject: Nodewise: set a new password");
      const [, secret = ""] = letter.replaceAll("=\r\n", "").match(/\/password#([\w-]{43})/) ?? [];
      expect(await use(secret)).toEqual({ email: email.toLowerCase() });
    });

    test("a mail server that is away is said, with what to look at", async () => {
      const { email } = await account({ by: administrator.actor });
      Object.assign(settings, { SMTP_URL: "smtp://127.0.0.1:9", MAIL_FROM: "nodewise@example.org" });
      await expect(make(email)).rejects.toMatchObject({ said: { key: "errors.mail_not_sent" } });
    });
  });
});

describe("an account", () => {
  test("that is closed is out at once and lets nobody in, until it is opened again", async () => {
    const { personId, email, first } = await account({ by: administrator.actor });
    const open = await signedIn(email, first);
    await withActor(administrator.actor, (tx) => closeAccount(tx, { personId, closed: true }));
    expect(await found(open.sessionId)).toBeNull();
    expect(await signIn(email, first)).toBeNull();
    await withActor(administrator.actor, (tx) => closeAccount(tx, { personId, closed: false }));
    expect(await found(open.sessionId), "a session from before stays ended").toBeNull();
    expect(await signIn(email, first)).toMatchObject({ personId });
    expect(await deedsOf(personId)).toEqual(expect.arrayContaining(["account.closed", "account.opened"]));
    const again = withActor(administrator.actor, (tx) => closeAccount(tx, { personId, closed: false }));
    await expect(again).rejects.toMatchObject({ code: "conflict" });
  });

  test("is administered by administrators, who never close their own and make no administrator", async () => {
    const { personId } = await account({ by: administrator.actor });
    const close = (actor: Actor, whom: string) =>
      outcome(withActor(actor, (tx) => closeAccount(tx, { personId: whom, closed: true })));
    expect(await close(administrator.actor, administrator.personId)).toBe("conflict");
    for (const actor of [personActor(personId), study.members.administrator, study.members.principal_investigator])
      expect(await close(actor, personId), actor.role).toBe("42501");
    expect((await withActor(personActor(personId), listAccounts)).map(({ id }) => id)).toEqual([personId]);
    expect((await withActor(administrator.actor, listAccounts)).length).toBeGreaterThan(2);
    expect(await outcome(account({ by: personActor(personId) }))).toBe("42501");
    expect(await outcome(account({ by: administrator.actor, administrator: true }))).toBe("42501");
    const widen = sql`update person set administrator = true, may_create_studies = true`;
    expect(await outcome(withActor(administrator.actor, (tx) => tx.execute(widen)))).toBe("42501");
  });

  test("of an address that has one is refused", async () => {
    const { email } = await account({ by: administrator.actor });
    const { passwordHash } = await initialPassword();
    const again = withActor(administrator.actor, (tx) => addAccount(tx, { email, name: "Again", passwordHash }));
    await expect(again).rejects.toMatchObject({ said: { key: "errors.account_there" } });
  });

  test("lists its own sessions and ends them, and nobody else's", async () => {
    const [one, other] = [await account({ by: administrator.actor }), await account({ by: administrator.actor })];
    const mine = await signedIn(one.email, one.first);
    const elsewhere = await signedIn(one.email, one.first);
    const theirs = await signedIn(other.email, other.first);
    const list = await withActor(personActor(one.personId), (tx) => listSessions(tx, mine));
    expect(list.map(({ id, current }) => [id, current])).toEqual([
      [elsewhere.sessionId, false],
      [mine.sessionId, true],
    ]);
    const end = (sessionId: string) => closeSession({ sessionId, personId: one.personId, from: "another" });
    await end(theirs.sessionId);
    expect(await found(theirs.sessionId)).not.toBeNull();
    await end(elsewhere.sessionId);
    expect(await found(elsewhere.sessionId)).toBeNull();
    expect(await found(mine.sessionId)).not.toBeNull();
  });
});

describe("the demonstration", () => {
  const seed = (asked?: boolean) => seedDemonstration({ ownerUrl: database.owner, asked });
  const beside = () => withActor(signInActor, besideStudy);
  const [first] = demonstrationAccounts;
  const ofDemonstration = demonstrationAccounts.find(({ administrator: yes }) => yes);

  test("is not made beside a real administrator who has not asked for it, nor where it was refused", async () => {
    expect(await seed()).toEqual([]);
    expect(await seed(false)).toEqual([]);
    expect(await whoIsHere()).toEqual({ demonstration: false, open: false, administrator: true });
    expect(await beside()).toBe(false);
  });

  test("that was asked for stands open beside a study, and every page says so, until its accounts are closed", async () => {
    expect(await seed(true)).toHaveLength(demonstrationAccounts.length);
    expect(await beside()).toBe(true);
    const theirs = await signedIn(first?.email ?? "", demonstrationPassword);
    expect(theirs).toMatchObject({ mustChangePassword: false });
    expect(await seed(false)).toEqual([]);
    expect(await beside()).toBe(false);
    expect(await found(theirs.sessionId)).toBeNull();
    expect(await signIn(first?.email ?? "", demonstrationPassword)).toBeNull();
    expect(await seed(), "a later start leaves them closed").toEqual([]);
  }, 120_000);

  test("has an administrator of accounts as long as nobody real is one", async () => {
    const { email = "" } = ofDemonstration ?? {};
    const whose = await admin`update person set disabled_at = null where email = ${email} returning id`;
    const personId: string = whose[0]?.id;
    const administers = async () => {
      const person = await signedIn(email, demonstrationPassword);
      const listed = await withActor(personActor(personId), listAccounts);
      return [person.administersAccounts, listed.length > 1];
    };
    expect(await administers()).toEqual([false, false]);
    await admin`update person set administrator = false where id = ${administrator.personId}`;
    expect(await administers()).toEqual([true, true]);
    await admin`update person set administrator = true where id = ${administrator.personId}`;
  });

  test("alone, without a real study, has no line over its pages", async () => {
    await admin`update person set disabled_at = null where demonstration`;
    expect(await beside()).toBe(true);
    await admin`update study set synthetic = true where id = ${study.studyId}`;
    expect(await beside()).toBe(false);
    const { source: protocol } = await shippedProtocol("demonstration");
    const { personId } = await account({ by: commandLine, mayCreateStudies: true });
    await withActor(personActor(personId), (tx) =>
      createStudy(tx, { personId, name: "A real one", site: "Here", source: protocol }),
    );
    expect(await beside()).toBe(true);
  });
});
