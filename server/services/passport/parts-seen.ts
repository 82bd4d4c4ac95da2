import type { ActorRole } from "@/db/actor";
import type { PassportPart, Unseen } from "@/server/schemas/passport";

const imaging: readonly ActorRole[] = ["coordinator", "locating_radiologist", "pathologist", "monitor"];

/** Who sees a part from the beginning. */
const fromTheBeginning: Record<PassportPart, readonly ActorRole[]> = {
  exams: imaging,
  sizes: imaging,
  crops: imaging,
  sources: ["coordinator", "locating_radiologist", "monitor"],
  reads: [],
  pathology: ["pathologist", "monitor"],
  network: [],
};

/** Who sees every part once the database is locked. */
const afterTheLock: readonly ActorRole[] = ["principal_investigator", "data_scientist"];

/**
 * Which parts of a passport a role sees. The row policies decide, and say the same (tests/server/passport.test.ts): a role is not asked for rows of a table on which
 * it has no grant, and the page can say why a part is not there.
 */
export function partsSeen({
  role,
  isLocked,
}: {
  role: ActorRole;
  isLocked: boolean;
}): (part: PassportPart) => "seen" | Unseen {
  return (part) => {
    if (fromTheBeginning[part].includes(role)) return "seen";
    if (!afterTheLock.includes(role)) return "role";
    return isLocked ? "seen" : "lock";
  };
}
