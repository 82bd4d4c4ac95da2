import { fileURLToPath } from "node:url";
import { and, eq } from "drizzle-orm";
import { SaidError } from "@/core/words/said";
import { bundle as bundles } from "@/db/schema";
import { loadBundle } from "@/server/services/bundle/load-bundle";
import { noteStored } from "@/server/services/imaging/note-stored";
import { runIsolated } from "@/worker/isolated";
import type { Work } from "@/worker/lease";
import type { BundleMessage } from "./bundle-process";

/** Makes one bundle in a process of its own, outside any transaction, and names the file. Nothing of an interrupted attempt is kept. */
export const bundle: Work = {
  async run(lease) {
    const payload = await lease.read((tx) => loadBundle(tx, { studyId: lease.studyId, bundleId: lease.jobId }));
    let made: Extract<BundleMessage, { kind: "file" }> | undefined;
    await runIsolated<BundleMessage>({
      module: fileURLToPath(new URL("./bundle-process.ts", import.meta.url)),
      payload,
      async onMessage(message) {
        if (message.kind === "file") made = message;
        else await lease.write({ done: message.done, total: message.total });
      },
      signal: lease.signal,
    });
    if (!made) throw new SaidError({ key: "worker.bundle_without_file" });
    const { file } = made;
    return {
      async write(tx) {
        await noteStored(tx, lease, [{ ...file, mediaType: "application/zip" }]);
        await tx
          .update(bundles)
          .set({ sha256: file.sha256 })
          .where(and(eq(bundles.id, lease.jobId), eq(bundles.studyId, lease.studyId)));
      },
    };
  },
};
