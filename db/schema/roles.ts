import { type SQL, sql } from "drizzle-orm";
import { pgPolicy, pgRole } from "drizzle-orm/pg-core";

/** Roles a person can hold in a study; each is a Postgres role `nw_<role>` of its own. */
export const studyRoles = [
  "coordinator",
  "locating_radiologist",
  "reader",
  "pathologist",
  "data_scientist",
  "principal_investigator",
  "monitor",
  "administrator",
] as const;
export type StudyRole = (typeof studyRoles)[number];

/** Every role that `withActor` can take on: the study roles, and the program's own. */
export const actorRoles = [...studyRoles, "sign_in", "person", "importer", "worker"] as const;
export type ActorRole = (typeof actorRoles)[number];

const existing = Object.fromEntries(actorRoles.map((role) => [role, pgRole(`nw_${role}`).existing()])) as Record<
  ActorRole,
  ReturnType<typeof pgRole>
>;

/** True when the signed claim belongs to the Postgres role in force: a role switched to by hand sees nothing. */
const genuine = sql.raw("(select nw.role()) = current_user");

/** Rows of the study of the signed claim. */
export const ofStudy = sql.raw("study_id = (select nw.study_id())");
/** Rows of subjects that this role can see (its own site, by the policy of `subject`). */
export const ofVisibleSubject = sql.raw("study_id = (select nw.study_id()) and subject_id in (select id from subject)");
/** Rows of nodes that this role can see. */
export const ofVisibleNode = sql.raw("study_id = (select nw.study_id()) and node_id in (select id from node)");
/** Rows of the study once its database is locked. */
export const afterLock = sql.raw("study_id = (select nw.study_id()) and (select nw.locked())");
/** Rows of the signed-in person. */
export const ofSelf = sql.raw("person_id = (select nw.person_id())");

type Verb = "select" | "insert" | "update";

/**
 * One row policy: these roles may do this to rows for which the condition holds, provided that the claim is genuine.
 * Grants stand in the hand-written migration of the same table: a policy alone opens nothing.
 */
export function may(verb: Verb, roles: readonly ActorRole[], condition: SQL) {
  const rule = sql`${genuine} and (${condition})`;
  return pgPolicy(`${verb}_${roles.join("_")}`.slice(0, 63), {
    for: verb,
    to: roles.map((role) => existing[role]),
    ...(verb === "insert"
      ? { withCheck: rule }
      : verb === "update"
        ? { using: rule, withCheck: rule }
        : { using: rule }),
  });
}
