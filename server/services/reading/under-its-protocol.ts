import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { protocolOfVersion } from "@/server/services/study/protocol-of-version";
import { shownRow } from "./shown-row";
import { shownUnder } from "./shown-under";

/** A case as the database hands it out, with the protocol it is read under; null: none. */
export async function underItsProtocol(tx: Tx, actor: StudyActor, [found]: readonly Record<string, unknown>[]) {
  if (!found) return null;
  const current = shownRow.parse(found);
  return shownUnder(await protocolOfVersion(tx, { ...actor, versionId: current.protocol_version_id }), current);
}
