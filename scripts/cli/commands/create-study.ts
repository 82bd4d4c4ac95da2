import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { runCommand, unreadable } from "@/scripts/cli/run-command";
import { studyOfCommand } from "@/scripts/cli/study-of-command";
import { words } from "@/scripts/cli/words";
import { personActor, withActor } from "@/server/door";
import { addPrincipalInvestigator } from "@/server/services/study/add-principal-investigator";
import { commandLinePerson } from "@/server/services/study/command-line-person";
import { createStudy } from "@/server/services/study/create-study";

/** study create --protocol FILE --name NAME */
export function createStudyCommand(): Command {
  const command = new Command("create")
    .description(words("create.about"))
    .requiredOption("--protocol <file>", words("create.protocol"))
    .requiredOption("--name <name>", words("create.name"))
    .option("--site <name>", words("create.site"), "Local")
    .option("--investigator <email>", words("create.investigator"));
  runCommand<{ protocol: string; name: string; site: string; investigator?: string }>(command, async ({ options }) => {
    const source = await readFile(options.protocol, "utf8").catch(unreadable(options.protocol));
    const personId = await commandLinePerson();
    const created = await withActor(personActor(personId), (tx) =>
      createStudy(tx, { personId, name: options.name, site: options.site, source }),
    );
    const { investigator } = options;
    const { actor } = await studyOfCommand(created.slug, { command: "study create" });
    if (investigator) {
      await withActor(actor, (tx) => addPrincipalInvestigator(tx, actor, { email: investigator }));
    }
    return {
      json: { study: created.slug, name: options.name, id: created.studyId },
      text: [words("create.done", { name: options.name, study: created.slug })],
    };
  });
  return command;
}
