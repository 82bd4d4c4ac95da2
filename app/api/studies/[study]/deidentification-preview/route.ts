import { guarded } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { largestPreviewFile, type PreviewAnswer } from "@/server/schemas/preview";
import { previewDeidentification } from "@/server/services/series/preview-deidentification";

const limits = {
  largest: largestPreviewFile,
  tooLarge: { key: "errors.preview_file_too_large", values: { limit: largestPreviewFile / 2 ** 20 } },
} as const;

/** Says what would be taken out of a file, its bytes as the body; the answer alone holds what stands in it. */
export const POST = guarded(limits, async (request, { params }: { params: Promise<{ study: string }> }) => {
  const { study: slug } = await params;
  return inStudy({ slug, action: "series.bring" }, async ({ actor }) => {
    const bytes = new Uint8Array(await request.arrayBuffer());
    const rows = await previewDeidentification(actor, { bytes });
    return Response.json(rows satisfies PreviewAnswer);
  });
});
