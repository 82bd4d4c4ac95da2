import type { StudyActor } from "@/server/door";
import type { ReadingCase } from "@/server/schemas/reading";
import { readImage } from "@/server/services/imaging/read-image";
import { render } from "./rendering";
import { shownCase, type Turn } from "./shown-case";

/** A case of the reader as the page gets it; null when there is none. The bytes are added by `withImages`. */
export async function openCase(actor: StudyActor, turn: Turn = "current") {
  const current = await shownCase(actor, turn);
  if (!current) return null;
  const { form, ruleSets, conditions, planes } = current.protocol;
  return {
    slotId: current.slot_id,
    position: current.position,
    total: current.total,
    condition: {
      key: current.condition_key,
      label: conditions.find((condition) => condition.key === current.condition_key)?.label ?? current.condition_key,
      shows: current.shows,
    },
    crops: current.crops.map(({ plane, ...crop }) => ({
      ...crop,
      plane: planes.find(({ key }) => key === plane)?.label ?? plane,
    })),
    rendering: current.rendering,
    ...(current.short_axis_mm === null ? {} : { shortAxisMm: current.short_axis_mm }),
    form: { criteria: form.criteria, confidence: form.confidence !== undefined },
    ruleSet: ruleSets.find((set) => set.key === form.ruleSet) ?? null,
  };
}

/** Adds the images' bytes, as the condition has them drawn, and takes their hashes away: a reader has no use for them. */
export async function withImages(opened: Awaited<ReturnType<typeof openCase>>): Promise<ReadingCase | null> {
  if (!opened) return null;
  const { rendering, ...shown } = opened;
  const crops = shown.crops.map(async ({ sha256, plane }) => {
    const { png, width, height } = await render(await readImage(sha256), rendering);
    return { plane, image: png.toString("base64"), width, height };
  });
  return { ...shown, crops: await Promise.all(crops) };
}
