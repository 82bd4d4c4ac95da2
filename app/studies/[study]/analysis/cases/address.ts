import { z } from "zod";
import type { CaseQuestion } from "@/core/reading/found-cases";
import { caseQuestion } from "@/server/schemas/cases";

const { show, reader, condition, network, sort } = caseQuestion.shape;

/** What the address of the explorer names; what it names wrongly is not asked for. */
export const address = z.object({
  run: z.uuid().optional().catch(undefined),
  show: show.catch("all"),
  reader: reader.catch(null),
  condition: condition.catch(null),
  network: network.catch("any"),
  sort: sort.catch("study"),
  page: z.coerce.number().pipe(z.int().min(1)).optional().catch(undefined),
  /** The node that is opened. */
  case: z.uuid().optional().catch(undefined),
});

/** The address of a page of cases, as `address` reads it; what goes without saying is left out. */
export function addressOf(at: {
  study: string;
  run: string | undefined;
  asked: CaseQuestion;
  /** Left out: the one of the opened case. */
  page?: number | undefined;
  opened: string | undefined;
}): string {
  const unsaid = address.parse({});
  const named = Object.entries({ run: at.run, ...at.asked, page: at.page, case: at.opened }).flatMap(([name, value]) =>
    value == null || value === unsaid[name as keyof typeof unsaid] || (name === "page" && value === 1)
      ? []
      : [[name, String(value)]],
  );
  const search = new URLSearchParams(named);
  return `/studies/${at.study}/analysis/cases${search.size > 0 ? `?${search}` : ""}`;
}
