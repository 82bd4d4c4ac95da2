import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  doublePrecision,
  foreignKey,
  index,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { kept } from "./kept";
import { afterLock, may, ofSelf, ofStudy, studyRoles } from "./roles";

/** Of a study in which the person of the claim has a role that counts. */
export const inOwnStudy = sql.raw(
  "study_id in (select study_id from membership where confirmed_at is not null and ended_at is null)",
);

const at = (name?: string) => (name ? timestamp(name, { withTimezone: true }) : timestamp({ withTimezone: true }));

export const studyState = pgEnum("study_state", ["running", "locked"]);
export const studyRole = pgEnum("study_role", studyRoles);

/** The person of the claim administers the accounts of this installation. */
const administers = sql.raw("(select nw.administers((select nw.person_id())))");

/** Somebody with an account. Password hashes live in `credential`, which only signing in can read. */
export const person = pgTable(
  "person",
  {
    id: uuid().primaryKey().defaultRandom(),
    email: text().notNull(),
    name: text().notNull(),
    mayCreateStudies: boolean().notNull().default(false),
    /** The command line and the simulated readers have a person row, so that records name them; they cannot sign in. */
    program: boolean().notNull().default(false),
    /** Adds, closes and resets accounts; says nothing about studies. */
    administrator: boolean().notNull().default(false),
    /** Its password is known to everybody. */
    demonstration: boolean().notNull().default(false),
    createdAt: at().notNull().defaultNow(),
    /** Who made the account, from the signed claim. Null: whoever runs the server, or before it was noted. */
    createdBy: uuid()
      .references((): AnyPgColumn => person.id)
      .default(sql`nw.person_id()`),
    /** Since when nobody signs in as this person; set by `nw.close_account()`. */
    disabledAt: at(),
  },
  (t) => [
    uniqueIndex("person_email").on(sql`lower(${t.email})`),
    may("select", ["sign_in"], sql`true`),
    may("select", ["person"], sql`id = (select nw.person_id()) or ${administers}`),
    may(
      "select",
      [
        "coordinator",
        "locating_radiologist",
        "reader",
        "pathologist",
        "data_scientist",
        "principal_investigator",
        "monitor",
        "administrator",
        "importer",
        "worker",
      ],
      sql`id = (select nw.person_id()) or id in (select person_id from membership)`,
    ),
    // The trail names the command line and its user, who are members of nothing.
    may(
      "select",
      ["coordinator", "principal_investigator", "monitor", "administrator"],
      sql`program and exists (select from audit_event where audit_event.person_id = person.id)`,
    ),
    may("insert", ["administrator", "principal_investigator"], sql`not may_create_studies`, [t.id, t.email, t.name]),
    may("insert", ["person"], administers, [t.id, t.email, t.name, t.mayCreateStudies]),
    // Whoever has the command line has the installation.
    may("insert", ["importer"], sql`true`, [t.id, t.email, t.name, t.mayCreateStudies, t.administrator]),
  ],
);

/** argon2id hash of a password. It is changed by `nw.change_password()` and `nw.use_password_link()` alone. */
export const credential = pgTable(
  "credential",
  {
    personId: uuid()
      .primaryKey()
      .references(() => person.id),
    passwordHash: text().notNull(),
    /** Somebody else has seen it: until it is changed, this is all that its owner can do. */
    mustChange: boolean().notNull().default(false),
    /** It was set with a link at least once: since then whoever made the account does not know it. */
    byLink: boolean().notNull().default(false),
    changedAt: at().notNull().defaultNow(),
  },
  (t) => [
    may("select", ["sign_in"], sql`true`),
    // Of an account that is made at this moment: nobody gives a password to one that is there.
    may(
      "insert",
      ["administrator", "principal_investigator", "importer", "person"],
      sql`must_change and (select nw.is_made_now(person_id))`,
      [t.personId, t.passwordHash, t.mustChange],
    ),
  ],
);

/**
 * A link with which a person sets a new password, once. Only the hash of its secret is here. Nobody has a grant: `db/functions/account.sql`
 * alone reads and writes it.
 */
export const passwordLink = pgTable("password_link", {
  secretSha256: text().primaryKey(),
  personId: uuid()
    .notNull()
    .references(() => person.id),
  createdBy: uuid()
    .notNull()
    .references(() => person.id),
  createdAt: at().notNull().defaultNow(),
  expiresAt: at().notNull(),
  /** Used, or replaced by a newer one. */
  endedAt: at(),
});

/** A signed-in browser, opened and ended by functions of the database alone. The token in the cookie names it; a revoked or expired one is refused at the next request. */
export const session = pgTable(
  "session",
  {
    id: uuid().primaryKey().defaultRandom(),
    personId: uuid()
      .notNull()
      .references(() => person.id),
    userAgent: text(),
    createdAt: at().notNull().defaultNow(),
    expiresAt: at().notNull(),
    revokedAt: at(),
  },
  (t) => [
    index("session_person").on(t.personId),
    may("select", ["sign_in"], sql`true`),
    may("select", ["person"], ofSelf),
  ],
);

/** What a person set for oneself alone, by name. It is asked for as the person, in no study. */
export const personSetting = pgTable(
  "person_setting",
  {
    personId: uuid()
      .notNull()
      .references(() => person.id)
      .default(sql`nw.person_id()`),
    name: text({ enum: ["viewer_keys", "reading_keys"] }).notNull(),
    /** Read with care (`server/schemas/account.ts`): what is none counts as nothing set. */
    value: jsonb().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.personId, t.name] }),
    check("person_setting_name", sql`name in ('viewer_keys', 'reading_keys')`),
    may("select", ["person"], ofSelf),
    may("insert", ["person"], ofSelf, [t.name, t.value]),
    may("update", ["person"], ofSelf, [t.value]),
  ],
);
kept(personSetting, { largest: 8_192 });

/**
 * How many wrong passwords came lately, and until when none is looked at: from a source to an account, from a source to any ("" for the account), to
 * an account from any (""). Nobody has a grant: `db/functions/sign_in.sql` alone reads and writes it.
 */
export const signInBrake = pgTable(
  "sign_in_brake",
  {
    /** An IPv4 address, the /64 of an IPv6 one, or "unknown". */
    source: text().notNull(),
    /** SHA-256 of an e-mail address in small letters, of somebody or nobody: people type passwords there. */
    account: text().notNull(),
    /** Wrong passwords, less those that time has taken back. */
    failures: doublePrecision().notNull().default(0),
    triedAt: at().notNull().defaultNow(),
    opensAt: at().notNull().defaultNow(),
    /** When this account was last signed in to from this source. */
    knownAt: at(),
    /** From when on the row says nothing more: time took back every failure, and the source is not known any longer. */
    forgottenAt: at().notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.source, t.account] }), index("sign_in_brake_forgotten").on(t.forgottenAt)],
);
kept(signInBrake, { forgotten: true });

export const study = pgTable(
  "study",
  {
    id: uuid().primaryKey().defaultRandom(),
    slug: text().notNull().unique(),
    name: text().notNull(),
    state: studyState().notNull().default("running"),
    /** The transaction that locked it: nobody sees in it what the lock opens (`nw.locked_before`). */
    lockTransaction: bigint({ mode: "number" }),
    /** Made of drawn images and simulated reads; shown on every page, figure and export. */
    synthetic: boolean().notNull().default(false),
    /** The version that counts: of this study, by a deferred key that stands in the migration alone (`study_of_protocol_version`). */
    protocolVersionId: uuid(),
    createdBy: uuid()
      .notNull()
      .references(() => person.id),
    createdAt: at().notNull().defaultNow(),
  },
  (t) => [
    // Of a role that waits its holder is told in which study; who founds one sees it before the first role is there.
    may(
      "select",
      ["person"],
      sql`id in (select study_id from membership where ended_at is null) or created_by = (select nw.person_id()) and created_at = now()`,
    ),
    check("study_has_protocol", sql`protocol_version_id is not null`),
    may(
      "select",
      [
        "coordinator",
        "locating_radiologist",
        "reader",
        "pathologist",
        "data_scientist",
        "principal_investigator",
        "monitor",
        "administrator",
        "importer",
        "worker",
      ],
      sql`id = (select nw.study_id())`,
    ),
    may("insert", ["person"], sql`created_by = (select nw.person_id()) and (select nw.may_create_studies())`, [
      t.id,
      t.slug,
      t.name,
      t.synthetic,
      t.protocolVersionId,
      t.createdBy,
    ]),
    // Its state changes by `nw.lock_study()` only, and only one way.
    may("update", ["principal_investigator", "importer"], sql`id = (select nw.study_id())`, [t.protocolVersionId]),
    may("update", ["administrator"], sql`id = (select nw.study_id())`, [t.protocolVersionId]),
  ],
);
kept(study, { audited: true });

export const site = pgTable(
  "site",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: uuid()
      .notNull()
      .references(() => study.id),
    name: text().notNull(),
    /** As IANA names it, e.g. Asia/Shanghai: whose day "today" is. Null: the server's. */
    timeZone: text(),
  },
  (t) => [
    unique("site_name").on(t.studyId, t.name),
    unique("site_and_study").on(t.id, t.studyId),
    may("select", ["person"], inOwnStudy),
    may(
      "select",
      [
        "coordinator",
        "locating_radiologist",
        "pathologist",
        "data_scientist",
        "principal_investigator",
        "monitor",
        "administrator",
        "importer",
      ],
      ofStudy,
    ),
    may("select", ["worker"], afterLock, [t.id, t.studyId]),
    may("insert", ["person"], sql`(select nw.may_found(study_id))`),
    may("insert", ["administrator"], ofStudy),
    may("update", ["administrator", "principal_investigator"], ofStudy, [t.timeZone]),
  ],
);
kept(site, { audited: true });

/**
 * A person's role in a study at a site (no site: every site). The pairs that would break the blinding are refused by a trigger; one that shows truth or
 * identity, or gives roles, counts once a second person has confirmed it (`nw.confirm_member`).
 */
export const membership = pgTable(
  "membership",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: uuid()
      .notNull()
      .references(() => study.id),
    personId: uuid()
      .notNull()
      .references(() => person.id),
    siteId: uuid(),
    role: studyRole().notNull(),
    /** R2, R3, ... for readers. */
    readerCode: text(),
    createdAt: at().notNull().defaultNow(),
    /** Who gave it, from the signed claim. Null: before it was noted. */
    givenBy: uuid()
      .references(() => person.id)
      .default(sql`nw.person_id()`),
    /** Since when it counts, set by the database. Null: it waits. */
    confirmedAt: at(),
    /** The second person. Null: it needed none, or stood before confirmations. */
    confirmedBy: uuid().references(() => person.id),
    endedAt: at(),
  },
  (t) => [
    unique("membership_and_study").on(t.id, t.studyId),
    foreignKey({
      name: "membership_of_site",
      columns: [t.siteId, t.studyId],
      foreignColumns: [site.id, site.studyId],
    }),
    uniqueIndex("membership_once").on(t.studyId, t.personId, t.role).where(sql`ended_at is null`),
    uniqueIndex("membership_reader_code")
      .on(t.studyId, t.readerCode)
      .where(sql`ended_at is null and reader_code is not null`),
    check("membership_reader_has_code", sql`(role = 'reader') = (reader_code is not null)`),
    may("select", ["person"], ofSelf),
    may(
      "select",
      [
        "coordinator",
        "locating_radiologist",
        "reader",
        "pathologist",
        "data_scientist",
        "principal_investigator",
        "monitor",
        "administrator",
        "importer",
      ],
      ofStudy,
    ),
    may("insert", ["person"], sql`${ofSelf} and (select nw.may_found(study_id))`, [
      t.id,
      t.studyId,
      t.personId,
      t.siteId,
      t.role,
    ]),
    // A role is given to somebody else, and by whoever is of one site, at that site.
    may(
      "insert",
      ["administrator", "principal_investigator"],
      sql`study_id = (select nw.study_id()) and person_id <> (select nw.person_id()) and site_id is not distinct from coalesce((select nw.site_id()), site_id)`,
      [t.id, t.studyId, t.personId, t.siteId, t.role, t.readerCode],
    ),
    may("insert", ["importer"], ofStudy, [t.id, t.studyId, t.personId, t.siteId, t.role, t.readerCode]),
    may("update", ["administrator", "principal_investigator"], ofStudy, [t.endedAt]),
  ],
);
kept(membership, { audited: true });
