import { z } from "zod";
import { oneLine } from "@/core/text/characters";
import { guarded } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { AppError } from "@/server/errors";
import { uploadCrop } from "@/server/services/imaging/upload-crop";

/** Where a crop comes; its bytes are the body, so that nothing has to be taken apart that somebody else put together. */
const place = z.object({
  nodeId: z.uuid(),
  plane: z.string().min(1).max(60).check(oneLine),
  /** The crop in whose place it comes; left out: there was none. */
  replaces: z.uuid().optional(),
});

const fileName = z.string().min(1).max(255).check(oneLine);

/** In a header, percent-encoded: addresses are written into logs, and people write names of patients into those of files. */
function nameIn(request: Request): string | null {
  try {
    return fileName.parse(decodeURIComponent(request.headers.get("x-file-name") ?? ""));
  } catch {
    return null;
  }
}

const limits = { largest: 20 * 1024 ** 2, tooLarge: { key: "errors.upload_too_large" } } as const;

/**
 * Takes one crop of a node in a plane (`?nodeId=&plane=&replaces=`, `x-file-name`). Its place is looked at first; then it is read and decoded, and one
 * transaction stores and names it.
 */
export const POST = guarded(limits, async (request, { params }: { params: Promise<{ study: string }> }) => {
  const { study: slug } = await params;
  return inStudy({ slug, action: "imaging.edit" }, async ({ actor }) => {
    const asked = place.safeParse(Object.fromEntries(request.nextUrl.searchParams));
    const named = nameIn(request);
    if (!asked.success || named === null) throw new AppError("invalid", { key: "errors.upload_incomplete" });
    const { nodeId, plane, replaces = null } = asked.data;
    const read = async () => new Uint8Array(await request.arrayBuffer());
    const image = await uploadCrop(actor, { nodeId, plane, replaces, name: named, read });
    const { width, height, sha256, originalSha256, bitDepth } = image;
    return Response.json({ name: named, plane, width, height, bitDepth, sha256, originalSha256 });
  });
});
