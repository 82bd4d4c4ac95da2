import { sql } from "drizzle-orm";
import { jsonb, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { by, now, oneOfStudy, studyId } from "./columns";
import { kept } from "./kept";
import { inOwnStudy } from "./people";
import { may, ofStudy } from "./roles";

/** One version of a study's protocol: never changed once written; a new version is a new row and old records keep pointing at theirs. */
export const protocolVersion = pgTable(
  "protocol_version",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    version: text().notNull(),
    /** SHA-256 of the canonical JSON of `document`. */
    sha256: text().notNull(),
    /** The parsed document (`core/protocol/`, older formats too). */
    document: jsonb().notNull(),
    /** The YAML as it was given. */
    source: text().notNull(),
    reason: text(),
    createdBy: by(),
    createdAt: now(),
  },
  (t) => [
    oneOfStudy("protocol_version", t),
    unique("protocol_version_hash").on(t.studyId, t.sha256),
    unique("protocol_version_name").on(t.studyId, t.version),
    may("select", ["person"], inOwnStudy),
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
      ofStudy,
    ),
    may("insert", ["person"], sql`(select nw.may_found(study_id))`),
    may("insert", ["administrator", "principal_investigator"], ofStudy),
  ],
);
// Its file and the document (`longestProtocol`), in characters of up to three bytes.
kept(protocolVersion, { appendOnly: true, untilLock: true, audited: true, largest: 500_000 });
