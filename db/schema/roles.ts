import { type SQL, sql } from "drizzle-orm";
import { toSnakeCase } from "drizzle-orm/casing";
import { type ExtraConfigColumn, type PgPolicy, pgPolicy, pgRole } from "drizzle-orm/pg-core";

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

/** Every role that `withActor` can take on: the study roles, and the program's own. (`sealer`: the server, which brings a case ahead that nobody can open yet.) */
export const actorRoles = [...studyRoles, "sign_in", "person", "importer", "worker", "sealer"] as const;
export type ActorRole = (typeof actorRoles)[number];

const existing = Object.fromEntries(actorRoles.map((role) => [role, pgRole(`nw_${role}`).existing()])) as Record<
  ActorRole,
  ReturnType<typeof pgRole>
>;

/**
 * True when the signed claim belongs to the Postgres role in force: a role switched to by hand sees nothing. (That it is also the one under which the statement was
 * planned, `tableGates` in db/guards.ts asks.)
 */
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

const columnsOf = new WeakMap<PgPolicy, readonly string[]>();

/**
 * What these roles may do to rows for which the condition holds, provided that the claim is genuine: the row policy, and the grant that the migration
 * step makes of it (`db/guards.ts`).
 * @param columns the only ones that may be named. Left out: of an insert all but those that say who and when by default, otherwise every one
 */
export function may(verb: Verb, roles: readonly ActorRole[], condition: SQL, columns?: readonly ExtraConfigColumn[]) {
  const rule = sql`${genuine} and (${condition})`;
  const policy = pgPolicy(`${verb}_${roles.join("_")}`.slice(0, 63), {
    for: verb,
    to: roles.map((role) => existing[role]),
    ...(verb === "insert"
      ? { withCheck: rule }
      : verb === "update"
        ? { using: rule, withCheck: rule }
        : { using: rule }),
  });
  if (columns)
    columnsOf.set(
      policy,
      columns.map(({ name }) => toSnakeCase(name)),
    );
  return policy;
}

/** The columns that a policy was given, by their SQL names. */
export const namedColumns = (policy: PgPolicy): readonly string[] | undefined => columnsOf.get(policy);
