import type { OpenObject } from "@/server/store";
import { bodyOf } from "./body-of";

/** A stored file as the answer of a route: to be saved under its name, whatever a browser takes it for. */
export function fileResponse({ stream, bytes, mediaType, name }: OpenObject & { mediaType: string; name: string }) {
  return new Response(bodyOf(stream), {
    headers: {
      "content-type": mediaType,
      "content-length": String(bytes),
      "content-disposition": `attachment; filename="${name.replaceAll(/[^\w.-]+/g, "_")}"`,
      "x-content-type-options": "nosniff",
    },
  });
}
