import { Command } from "commander";
import { runCommand } from "@/scripts/cli/run-command";
import { words } from "@/scripts/cli/words";
import { everyStudy } from "@/server/services/study/every-study";

/** study list */
export function listStudiesCommand(): Command {
  const command = new Command("list").description(words("list.about"));
  runCommand(command, async () => {
    const studies = await everyStudy();
    return {
      json: studies.map(({ slug, name, state, synthetic, createdAt }) => ({
        study: slug,
        name,
        state,
        synthetic,
        createdAt,
      })),
      text:
        studies.length === 0
          ? [words("list.none")]
          : studies.map(({ name, slug, state, synthetic }) =>
              words(synthetic ? "list.synthetic" : "list.study", {
                state: words("list.state", { state }).padEnd(8),
                name,
                study: slug,
              }),
            ),
    };
  });
  return command;
}
