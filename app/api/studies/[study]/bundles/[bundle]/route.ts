import { z } from "zod";
import { fileResponse } from "@/server/api/file-response";
import { guarded } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { AppError } from "@/server/errors";
import { takeBundle } from "@/server/services/bundle/take-bundle";

/** A bundle of the study: the data of a comparison with what recomputes it. */
export const GET = guarded(
  { largest: 0 },
  async (_, { params }: { params: Promise<{ study: string; bundle: string }> }) => {
    const { study: slug, bundle } = await params;
    return inStudy({ slug, action: "analysis.view" }, async ({ actor }) => {
      if (!z.uuid().safeParse(bundle).success)
        throw new AppError("not_found", { key: "errors.bundle_unknown", values: { bundle: bundle.slice(0, 36) } });
      return fileResponse({ ...(await takeBundle(actor, { bundleId: bundle })), mediaType: "application/zip" });
    });
  },
);
