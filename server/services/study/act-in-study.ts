import type { Locale } from "@/core/words";
import { personActor, type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { type Action, roleFor } from "@/server/permissions";
import { findStudy } from "./find-study";
import { refuseAccess } from "./refuse-access";

/**
 * The study named by its slug and the actor that a person is in it for an action, who reads the protocol in the language of the request.
 * @throws AppError "not_found" for whoever is no member, "forbidden" (and noted in the audit trail) for a member whose roles do not allow it
 */
export async function actInStudy({
  personId,
  slug,
  action,
  locale,
}: {
  personId: string;
  slug: string;
  action: Action;
  locale: Locale;
}) {
  const found = await withActor(personActor(personId), (tx) => findStudy(tx, { slug, personId }));
  if (!found) throw new AppError("not_found", { key: "errors.study_not_yours", values: { study: slug } });
  const role = roleFor(
    action,
    found.memberships.map((membership) => membership.role),
  );
  const membership = found.memberships.find((candidate) => candidate.role === role);
  if (!membership) {
    await refuseAccess({ personId, study: found, action });
    throw new AppError("forbidden", { key: "errors.not_open_to_role" });
  }
  const actor: StudyActor = {
    role: membership.role,
    personId,
    studyId: found.study.id,
    siteId: membership.siteId,
    membershipId: membership.id,
    locale,
  };
  return { ...found, membership, actor };
}
