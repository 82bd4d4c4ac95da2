import { saidOf } from "@/core/words/field-problem";
import { guarded } from "@/server/api/guard";
import { bringsJson, isModest } from "@/server/api/modest-json";
import { inStudy } from "@/server/api/route";
import { AppError } from "@/server/errors";
import { importScoresInput, scoresFileBytes } from "@/server/schemas/model";
import { importScores } from "@/server/services/model/import-scores";

const limits = { largest: scoresFileBytes, tooLarge: { key: "errors.upload_too_large" } } as const;

/** Takes the scores of a model that was trained elsewhere (JSON: `importScoresInput`). Its sender is known before anything is read. */
export const POST = guarded(limits, async (request, { params }: { params: Promise<{ study: string }> }) => {
  const { study: slug } = await params;
  return inStudy({ slug, action: "models.train" }, async ({ actor }) => {
    const body = bringsJson(request) ? await request.text() : "";
    const parsed = importScoresInput.safeParse(asJson(body));
    if (!parsed.success) throw new AppError("invalid", { key: "fields.refused" }, parsed.error.issues.map(saidOf));
    return Response.json(await importScores(actor, parsed.data));
  });
});

/** @throws AppError "invalid" for what no page sends */
function asJson(text: string): unknown {
  try {
    if (isModest(text)) return JSON.parse(text);
  } catch {
    // Said below.
  }
  throw new AppError("invalid", { key: "errors.input_unreadable" });
}
