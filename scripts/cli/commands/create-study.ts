import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { parsed } from "@/scripts/cli/options";
import { runCommand, unreadable } from "@/scripts/cli/run-command";
import { words } from "@/scripts/cli/words";
import { personActor, withActor } from "@/server/door";
import { createStudyInput } from "@/server/schemas/study";
import { addPrincipalInvestigator } from "@/server/services/study/add-principal-investigator";
import { commandLinePerson } from "@/server/services/study/command-line-person";
import { createStudy } from "@/server/services/study/create-study";
import { studyOfCommand } from "@/server/services/study/study-of-command";

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
    const { name, site } = parsed(createStudyInput.pick({ name: true, site: true }), options);
    const personId = await commandLinePerson();
    const created = await withActor(personActor(personId), (tx) => createStudy(tx, { personId, name, site, source }));
    const { investigator } = options;
    const { actor } = await studyOfCommand(created.slug, { command: "study create" });
    if (investigator) {
      await withActor(actor, (tx) => addPrincipalInvestigator(tx, actor, { email: investigator }));
    }
    return {
      json: { study: created.slug, name, id: created.studyId },
      text: [words("create.done", { name, study: created.slug })],
    };
  });
  return command;
}
