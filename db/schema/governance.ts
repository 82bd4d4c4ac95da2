import { sql } from "drizzle-orm";
import { bigint, index, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { by, now, ofSameStudy, transaction } from "./columns";
import { kept } from "./kept";
import { person, site, study } from "./people";
import { afterLock, may, ofStudy } from "./roles";

/** The moment after which nothing above the model changes, with what was counted then: written by `nw.lock_study()` alone. */
export const studyLock = pgTable(
  "study_lock",
  {
    studyId: uuid()
      .primaryKey()
      .references(() => study.id),
    lockedBy: by(),
    lockedAt: now(),
    reason: text(),
    counts: jsonb().notNull(),
  },
  (t) => [
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
    may("select", ["worker"], ofStudy, [t.studyId, t.lockedAt, t.reason]),
  ],
);
kept(studyLock, { appendOnly: true, audited: true });

/** Who did what, and why: written by `nw.record()` in the transaction of the deed. It holds no blinded value. */
export const auditEvent = pgTable(
  "audit_event",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: now(),
    transaction: transaction(),
    studyId: uuid().references(() => study.id),
    /** Of the subject that it is about; null where it is about none. Set by `nw.note_site()`. */
    siteId: uuid(),
    personId: uuid().references(() => person.id),
    role: text().notNull(),
    action: text().notNull(),
    entity: text(),
    entityId: text(),
    reason: text(),
    detail: jsonb(),
  },
  (t) => [
    ofSameStudy("audit_event_of_site", t, t.siteId, site),
    index("audit_event_study").on(t.studyId, t.id),
    index("audit_event_looks").on(t.studyId, t.personId, t.at).where(sql`action = 'figures.viewed'`),
    index("audit_event_refusals").on(t.studyId, t.personId, t.at).where(sql`action = 'access.refused'`),
    uniqueIndex("audit_event_unblinded").on(t.studyId).where(sql`action = 'study.unblinded'`),
    may(
      "select",
      ["coordinator", "principal_investigator", "monitor", "administrator"],
      sql`${ofStudy} and ((select nw.of_every_site()) or site_id is null or site_id = (select nw.site_id()))`,
    ),
    // What belongs to no study: accounts and sessions.
    may("select", ["person"], sql`study_id is null and (select nw.administers((select nw.person_id())))`),
  ],
);
kept(auditEvent, { appendOnly: true });

/** What a row was and became: written by a trigger in the same transaction. Holds values, so it opens at the lock. */
export const auditChange = pgTable(
  "audit_change",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: now(),
    transaction: transaction(),
    studyId: uuid().references(() => study.id),
    personId: uuid(),
    role: text(),
    tableName: text().notNull(),
    operation: text().notNull(),
    before: jsonb(),
    after: jsonb(),
  },
  (t) => [index("audit_change_study").on(t.studyId, t.id), may("select", ["principal_investigator"], afterLock)],
);
// A protocol, as it was and as it became.
kept(auditChange, { appendOnly: true, largest: 2_000_000 });
