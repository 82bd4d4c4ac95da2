import { record } from "@/server/audit";
import { withActor } from "@/server/door";
import { studyAsCommandLine } from "./study-as-command-line";

/**
 * A command takes a study in hand: as `studyAsCommandLine`, and noted before anything else is done, so that a command that is refused or fails stands
 * in the trail as well.
 */
export async function beginCommand(name: string, command: string) {
  const found = await studyAsCommandLine(name);
  await withActor(found.actor, (tx) => record(tx, "command.run", { entity: "command", entityId: command }));
  return found;
}
