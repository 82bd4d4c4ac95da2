import { Command } from "commander";
import { runCommand } from "@/scripts/cli/run-command";
import { locale, words } from "@/scripts/cli/words";
import { commandLineActor } from "@/server/door";
import { makePasswordLink } from "@/server/services/account/make-password-link";
import { commandLinePerson } from "@/server/services/study/command-line-person";

/** user reset EMAIL */
export function resetUserCommand(): Command {
  const command = new Command("reset").description(words("user.reset")).argument("<email>", words("user.email"));
  runCommand(command, async ({ args: [email = ""] }) => {
    const actor = { ...commandLineActor, personId: await commandLinePerson() };
    const { link, hours } = await makePasswordLink(actor, { email, locale });
    return {
      json: { email, link, hours },
      text: (link ? words("user.link", { email, link, hours }) : words("user.mailed", { email, hours })).split("\n"),
    };
  });
  return command;
}
