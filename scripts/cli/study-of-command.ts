import { userInfo } from "node:os";
import { record } from "@/server/audit";
import { withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";

/** Who runs this, as the operating system has it: its name, or its number where it has none. */
function operatingSystemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}

/**
 * The study that a command is about, with its actor. The command stands in the trail, with the operating system's user, before it does anything.
 * @param asked.afterLock whether it shows results, which the pages keep until the database is locked
 * @throws AppError "not_found" that lists the studies there are, "conflict" for a study that is not locked
 */
export async function studyOfCommand(name: string, asked: { command: string; afterLock?: true }) {
  const { study, actor } = await studyAsCommandLine(name);
  await withActor(actor, (tx) =>
    record(tx, "command.run", { detail: { command: asked.command, user: operatingSystemUser() } }),
  );
  if (asked.afterLock && study.state !== "locked")
    throw new AppError("conflict", { key: "errors.study_not_locked", values: { study: study.name } });
  return { study, actor };
}
