import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { personActor, withActor } from "@/server/door";
import { addPrincipalInvestigator, commandLinePerson, studyAsCommandLine } from "@/server/services/study/command-line";
import { createStudy } from "@/server/services/study/create-study";
import { runCommand, unreadable } from "../run-command";

/** study create --protocol FILE --name NAME */
export function createStudyCommand(): Command {
  const command = new Command("create")
    .description("create a study from a protocol (see the folder protocols)")
    .requiredOption("--protocol <file>", "the study protocol, YAML")
    .requiredOption("--name <name>", "the name of the study")
    .option("--site <name>", "the hospital or centre", "Local")
    .option(
      "--investigator <email>",
      "an account that becomes principal investigator, so that the study shows in the browser",
    );
  runCommand<{ protocol: string; name: string; site: string; investigator?: string }>(command, async ({ options }) => {
    const source = await readFile(options.protocol, "utf8").catch(unreadable(options.protocol));
    const personId = await commandLinePerson();
    const created = await withActor(personActor(personId), (tx) =>
      createStudy(tx, { personId, name: options.name, site: options.site, source }),
    );
    const { investigator } = options;
    if (investigator) {
      const { actor } = await studyAsCommandLine(created.slug);
      await withActor(actor, (tx) => addPrincipalInvestigator(tx, actor, { email: investigator }));
    }
    return {
      json: { study: created.slug, name: options.name, id: created.studyId },
      text: [`Study "${options.name}" is there (${created.slug}).`],
    };
  });
  return command;
}
