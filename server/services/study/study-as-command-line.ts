import { commandLineActor, type StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { KnownStudy } from "@/server/schemas/study";
import { commandLinePerson } from "./command-line-person";
import { everyStudy } from "./every-study";
import { slugOf } from "./slug-of";

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
  return { study, actor: { ...commandLineActor, personId: await commandLinePerson(), studyId: study.id } };
}
