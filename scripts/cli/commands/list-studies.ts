import { Command } from "commander";
import { everyStudy } from "@/server/services/study/command-line";
import { runCommand } from "../run-command";

/** study list */
export function listStudiesCommand(): Command {
  const command = new Command("list").description("list every study of this installation");
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
          ? ["There is no study yet. Make one with: study create --protocol FILE --name NAME"]
          : studies.map(
              ({ name, slug, state, synthetic }) =>
                `${state.padEnd(8)} ${name} (${slug})${synthetic ? ", synthetic" : ""}`,
            ),
    };
  });
  return command;
}
