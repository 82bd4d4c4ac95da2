import { sql } from "drizzle-orm";
import { z } from "zod";
import { type StudyActor, withActor } from "@/server/door";
import { caseInHand } from "./case-in-hand";
import { imagesOf } from "./images-of";
import { seal } from "./seal";
import { shownRow } from "./shown-row";
import { shownUnder } from "./shown-under";

const row = shownRow.extend({ longest: z.int().nullable() });

/** What is sealed is so many times this long. */
const step = 16 * 1024;

/**
 * The images of the case that comes after the one in hand, sealed: nobody can open them before their turn, because the key comes with the answer to the read of the
 * case in hand (`withImages`), once the next is noted as shown. All of a list are of one length.
 * @returns nonce, sealed images and tag; null where no case follows, its images are not drawn yet, or the case is not in hand
 */
export async function caseAhead(actor: StudyActor, slotId: string): Promise<Buffer | null> {
  const inHand = await withActor(actor, (tx) => caseInHand(tx, actor, slotId));
  if (!inHand) return null;
  const [found] = await withActor({ ...actor, role: "sealer" }, (tx) =>
    tx.execute(sql`select (a.shown).*, a.longest from nw.case_ahead(${slotId}::uuid) a`),
  );
  if (!found) return null;
  const { longest, ...shown } = row.parse(found);
  if (longest === null || shown.crops.some(({ sha256 }) => sha256 === null)) return null;
  // Of one list, which is read under one protocol.
  const next = shownUnder(inHand.protocol, shown);
  const length = Math.ceil(longest / step) * step;
  return seal(JSON.stringify(await imagesOf(next)), length, { slotId: next.slot_id, shownSha256: next.shown_sha256 });
}
