import type { StudyActor } from "@/server/door";
import { matchByRule } from "@/server/services/inbox/match-by-rule";
import { nameOf, type Receiving } from "./receiver";

const pause = 60_000;

/** Once a minute what waits in the inbox of a site is held against the subjects and exams that were recorded since. */
export function tryRuleAgain(actor: StudyActor & { siteId: string }, log: Receiving["log"]): void {
  const failed = new Set<string>();
  const next = () => {
    setTimeout(async () => {
      await matchByRule(actor, failed)
        .then((matched) => matched > 0 && log.info({ matched }, "studies that waited went to their exams"))
        .catch((error: unknown) => log.error({ err: nameOf(error) }, "what waits could not be matched"));
      next();
    }, pause);
  };
  next();
}
