import { randomUUID } from "node:crypto";
import { and, eq, or, sql } from "drizzle-orm";
import type { Protocol } from "@/core/protocol/protocol";
import { inLanguage } from "@/core/protocol/text";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { protocolVersion, study } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { parseProtocol } from "./parse-protocol";
import { studyProtocol } from "./study-protocol";

/**
 * A new protocol version counts from here on, until the lock; records made under earlier versions keep pointing at theirs. The database notes it in the trail.
 * @throws AppError "invalid" for a document that is no protocol, "locked" after the lock, "conflict" for a version that is there, and where cases are scheduled
 * or read already for one without their conditions, for another unit of reading, another `repeats`, `shows`, `modality` or order of their conditions, other
 * criteria, a rating or confidence where there was none, another scale of ratings, or a shorter wash-out
 */
export async function addProtocolVersion(tx: Tx, actor: StudyActor, options: { source: string; reason: string }) {
  const { document, sha256 } = parseProtocol(options.source);
  await hold(tx, "records of a study", actor.studyId);
  await hold(tx, "reading schedule of a study", actor.studyId);
  const [current] = await tx.select({ state: study.state }).from(study).where(eq(study.id, actor.studyId));
  if (current?.state === "locked") throw new AppError("locked", { key: "errors.protocol_locked" });
  const [same] = await tx
    .select({ version: protocolVersion.version })
    .from(protocolVersion)
    .where(
      and(
        eq(protocolVersion.studyId, actor.studyId),
        or(eq(protocolVersion.version, document.version), eq(protocolVersion.sha256, sha256)),
      ),
    );
  if (same) throw new AppError("conflict", { key: "errors.version_taken", values: { version: same.version } });
  await refuseOtherReading(tx, actor, inLanguage(document, "en"));
  const id = randomUUID();
  await tx.insert(protocolVersion).values({
    id,
    studyId: actor.studyId,
    version: document.version,
    sha256,
    document,
    source: options.source,
    reason: options.reason,
  });
  await tx.update(study).set({ protocolVersionId: id }).where(eq(study.id, actor.studyId));
  return { version: document.version };
}

const keysOf = ({ form }: Protocol) =>
  form.criteria
    .map(({ key }) => key)
    .toSorted()
    .join(", ");
/** Out of what areas under the curve are computed. */
const graded = ({ form }: Protocol) => (form.rating ? "rating" : form.confidence ? "confidence" : "none");

/** What ratings mean, whatever the ends are called. */
const meaningOf = (scale: Protocol["form"]["rating"]) =>
  scale && [scale.min, scale.max, scale.step, scale.positiveFrom].join(" ");

/**
 * What one read is of, what it answers, and which time it is, stays as it was once there are schedules or reads: two counting reads of one image fit into no analysis. So does
 * what its reader was shown beside and before it, and so its condition stays in the protocol, with none before it that did not stand there; a wash-out may get
 * longer. (`nw.refuse_other_reading` says so, too, and of a condition that was taken out when that was possible.)
 */
async function refuseOtherReading(tx: Tx, actor: StudyActor, after: Protocol): Promise<void> {
  const inUse = await tx.execute<{ condition_key: string }>(
    sql`select condition_key from nw.conditions_in_use() order by 1`,
  );
  if (inUse.length === 0) return;
  const { document: before } = await studyProtocol(tx, actor);
  if (before.reading.case !== after.reading.case)
    throw new AppError("conflict", { key: "errors.unit_in_use", values: { unit: before.reading.case } });
  if (before.form.rating && meaningOf(before.form.rating) !== meaningOf(after.form.rating))
    throw new AppError("conflict", {
      key: "errors.rating_in_use",
      values: { min: before.form.rating.min, max: before.form.rating.max },
    });
  for (const [field, old, changed] of [
    ["criteria", keysOf(before), keysOf(after)],
    ["rating", graded(before), graded(after)],
  ] as const)
    if (old !== changed)
      throw new AppError("conflict", { key: "errors.form_in_use", values: { field, before: old || "none" } });
  const keys = new Set(inUse.map((row) => row.condition_key));
  for (const condition of keys) {
    const of = ({ conditions }: Protocol) => conditions.find(({ key }) => key === condition);
    const [old, changed] = [of(before), of(after)];
    if (!old) continue;
    if (!changed) throw new AppError("conflict", { key: "errors.condition_in_use", values: { condition } });
    if (old.repeats !== changed.repeats)
      throw new AppError("conflict", {
        key: "errors.repeats_in_use",
        values: { condition, before: old.repeats ?? "none" },
      });
    if (old.shows.join() !== changed.shows.join())
      throw new AppError("conflict", {
        key: "errors.shows_in_use",
        values: { condition, before: old.shows.join(", ") || "none" },
      });
    if (old.modality !== changed.modality)
      throw new AppError("conflict", {
        key: "errors.modality_in_use",
        values: { condition, before: old.modality ?? "none" },
      });
    if (changed.washOutDays < old.washOutDays)
      throw new AppError("conflict", {
        key: "errors.wash_out_in_use",
        values: { condition, before: old.washOutDays },
      });
    const earlier = ({ conditions }: Protocol) =>
      conditions.slice(
        0,
        conditions.findIndex(({ key }) => key === condition),
      );
    const stood = new Map(earlier(before).map((each) => [each.key, each.shows.join()]));
    const moved = earlier(after).find(({ key, shows }) => stood.get(key) !== shows.join());
    if (moved)
      throw new AppError("conflict", { key: "errors.order_in_use", values: { condition, earlier: moved.key } });
  }
}
