import { sql } from "drizzle-orm";
import type { Actor, Tx } from "@/db/actor";
import { membership } from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { slugOf } from "./create-study";

const nobody: Actor = { role: "importer", personId: null, studyId: null, siteId: null, membershipId: null };

export interface KnownStudy {
  id: string;
  slug: string;
  name: string;
  state: "draft" | "running" | "frozen" | "locked";
  synthetic: boolean;
  createdAt: Date;
}

/** The person that records made by the command line name; made at its first use. It may create studies and cannot sign in. */
export async function commandLinePerson(): Promise<string> {
  return withActor(nobody, async (tx) => {
    const [row] = await tx.execute<{ id: string }>(sql`select nw.command_line() as id`);
    if (!row) throw new AppError("unavailable", { key: "errors.no_command_line_person" });
    return row.id;
  });
}

/** Every study of the installation, oldest first. */
export async function everyStudy(): Promise<KnownStudy[]> {
  const rows = await withActor(nobody, (tx) =>
    tx.execute<Omit<KnownStudy, "createdAt"> & { created_at: string }>(sql`select * from nw.every_study()`),
  );
  return [...rows].map(({ created_at: createdAt, ...study }) => ({ ...study, createdAt: new Date(createdAt) }));
}

/**
 * The study of this name (or slug), and an actor that may import into it, lock it, train and analyse.
 * @throws AppError "not_found" that lists the studies there are
 */
export async function studyAsCommandLine(name: string): Promise<{ study: KnownStudy; actor: StudyActor }> {
  const all = await everyStudy();
  const study =
    all.find((each) => each.name === name) ?? all.find((each) => each.slug === name || each.slug === slugOf(name));
  if (!study) {
    const names = all.map((each) => `"${each.name}"`).join(", ");
    throw new AppError(
      "not_found",
      names
        ? { key: "errors.study_name_unknown", values: { name, names } }
        : { key: "errors.study_none", values: { name } },
    );
  }
  return { study, actor: { ...nobody, personId: await commandLinePerson(), studyId: study.id } };
}

/** Makes somebody with an account the study's principal investigator, so that a study of the command line shows in the browser. */
export async function addPrincipalInvestigator(tx: Tx, actor: StudyActor, options: { email: string }): Promise<void> {
  const [found] = await tx.execute<{ id: string }>(sql`select id from nw.person_by_email(${options.email})`);
  if (!found) throw new AppError("not_found", { key: "errors.account_unknown", values: { email: options.email } });
  await tx.insert(membership).values({ studyId: actor.studyId, personId: found.id, role: "principal_investigator" });
  await record(tx, "member.added", {
    entity: "person",
    entityId: found.id,
    detail: { role: "principal_investigator" },
  });
}
