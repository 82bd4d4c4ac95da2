import { withExactTests } from "@/core/report/baseline";
import { paperOf } from "@/core/report/paper";
import type { ReportInput } from "@/core/report/records";
import type { Locale } from "@/core/words";
import { type StoredObject, store } from "@/server/store";
import { serveIsolated } from "@/worker/isolated";
import { pdfOf } from "@/worker/report/pdf";
import { wordOf } from "@/worker/report/word";

/** What it says. The files lie in the store already. */
export type ReportMessage =
  | { kind: "progress"; done: number }
  | { kind: "files"; word: StoredObject; pdf: StoredObject };

serveIsolated<{ input: ReportInput; language: Locale }, ReportMessage>(async ({ input, language }, send) => {
  const { patients, lesions } = input.records.baseline;
  const baseline = { patients: withExactTests(patients), lesions: withExactTests(lesions) };
  const { document } = paperOf({ ...input, records: { ...input.records, baseline } }, language);
  await send({ kind: "progress", done: 2 });
  const word = await store.put(await wordOf(document));
  await send({ kind: "progress", done: 3 });
  const pdf = await store.put(await pdfOf(document));
  await send({ kind: "files", word, pdf });
});
