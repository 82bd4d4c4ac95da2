import { record } from "@/server/audit";
import { withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { studyAsCommandLine } from "./study-as-command-line";

/**
 * The study that a command is about, with its actor, whose person names the operating system's user. The command stands in the trail before it does
 * anything, so one that is refused or fails does, too.
 * @param asked.afterLock whether it shows results, which the pages keep until the database is locked
 * @throws AppError "not_found" that lists the studies there are, "conflict" for a study that is not locked
 */
export async function studyOfCommand(name: string, asked: { command: string; afterLock?: true }) {
  const { study, actor } = await studyAsCommandLine(name);
  await withActor(actor, (tx) => record(tx, "command.run", { entity: "command", entityId: asked.command }));
  if (asked.afterLock && study.state !== "locked")
    throw new AppError("conflict", { key: "errors.study_not_locked", values: { study: study.name } });
  return { study, actor };
}
