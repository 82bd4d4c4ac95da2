import { z } from "zod";
import { oneLine } from "@/core/text/characters";
import { guarded } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { AppError } from "@/server/errors";
import { uploadCrop } from "@/server/services/imaging/upload-crop";

const form = z.object({
  nodeId: z.uuid(),
  plane: z.string().min(1).max(60).check(oneLine),
  /** The crop in whose place it comes; left out: there was none. */
  replaces: z.uuid().optional(),
  file: z.instanceof(File),
});

/** One crop with the form round it. */
const limits = { largest: 21 * 1024 ** 2, tooLarge: { key: "errors.upload_too_large" } } as const;

/** Takes one crop of a node in a plane (multipart: nodeId, plane, replaces, file). */
export const POST = guarded(limits, async (request, { params }: { params: Promise<{ study: string }> }) => {
  const { study: slug } = await params;
  return inStudy({ slug, action: "imaging.edit" }, async ({ actor }) => {
    const parsed = form.safeParse(Object.fromEntries(await request.formData().catch(() => new FormData())));
    if (!parsed.success) throw new AppError("invalid", { key: "errors.upload_incomplete" });
    const { nodeId, plane, replaces = null, file } = parsed.data;
    const bytes = new Uint8Array(await file.arrayBuffer());
    const image = await uploadCrop(actor, { nodeId, plane, replaces, name: file.name, bytes });
    const { width, height, sha256, originalSha256, bitDepth } = image;
    return Response.json({ name: file.name, plane, width, height, bitDepth, sha256, originalSha256 });
  });
});
