import { readFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { SaidError } from "@/core/words/said";
import type { LoadedBundle } from "@/server/services/bundle/load-bundle";
import { makeBundle } from "@/server/services/bundle/make-bundle";
import { reproduceBundle } from "@/server/services/bundle/reproduce-bundle";
import { type StoredObject, store } from "@/server/store";
import { serveIsolated } from "@/worker/isolated";

export type BundleMessage =
  | { kind: "progress"; done: number; total: number }
  /** It lies in the store already. */
  | { kind: "file"; file: StoredObject };

const progressMilliseconds = 300;
const script = (name: string) => readFile(new URL(`./reproduce/${name}`, import.meta.url), "utf8");

/** One bundle: made, and then recomputed from what it holds. One that would not give its own results is not handed out. */
serveIsolated<LoadedBundle, BundleMessage>(async (loaded, send) => {
  // Pages come first where cores are few.
  setPriority(10);
  const scripts = { "reproduce.R": await script("reproduce.R"), "reproduce.py": await script("reproduce.py") };
  const archive = makeBundle(loaded, { scripts });
  let last = 0;
  const { identical, differences } = await reproduceBundle(archive, {
    onProgress(done, total) {
      const now = performance.now();
      if (now - last < progressMilliseconds) return;
      last = now;
      send({ kind: "progress", done, total });
    },
  });
  const [first] = differences;
  if (!identical)
    throw new SaidError({
      key: "worker.bundle_differs",
      values: { difference: first ?? { key: "bundle.differs.written" } },
    });
  await send({ kind: "file", file: await store.put(archive) });
});
