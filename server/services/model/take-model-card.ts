import type { Locale } from "@/core/words";
import type { Tx } from "@/db/actor";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { modelCard } from "./model-card";

/** The model card as a file for somebody, noted as handed out. @throws AppError as `modelCard` */
export async function takeModelCard(tx: Tx, actor: StudyActor, options: { runId: string; locale: Locale }) {
  const card = await modelCard(tx, actor, options);
  await record(tx, "run.file_taken", { entity: "model_run", entityId: options.runId, detail: { kind: "card" } });
  return card;
}
