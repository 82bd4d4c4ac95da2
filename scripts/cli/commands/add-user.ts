import { Command } from "commander";
import { runCommand } from "@/scripts/cli/run-command";
import { words } from "@/scripts/cli/words";
import { commandLineActor, withActor } from "@/server/door";
import { pagesAddress } from "@/server/env";
import { AppError } from "@/server/errors";
import { addAccountInput } from "@/server/schemas/account";
import { addAccount } from "@/server/services/account/add-account";
import { initialPassword } from "@/server/services/account/initial-password";
import { commandLinePerson } from "@/server/services/study/command-line-person";

/** user add EMAIL --name NAME [--administrator] [--creates-studies] */
export function addUserCommand(): Command {
  const command = new Command("add")
    .description(words("user.add"))
    .argument("<email>", words("user.email"))
    .requiredOption("--name <name>", words("user.name"))
    .option("--administrator", words("user.administrator"))
    .option("--creates-studies", words("user.creates_studies"));
  runCommand<{ name: string; administrator?: true; createsStudies?: true }>(command, async ({ args, options }) => {
    const { administrator = false, createsStudies = false } = options;
    const input = addAccountInput.safeParse({ email: args[0], name: options.name, mayCreateStudies: createsStudies });
    if (!input.success) throw new AppError("invalid", { key: "cli.user.invalid", values: { email: args[0] ?? "" } });
    const { password, passwordHash } = await initialPassword();
    const actor = { ...commandLineActor, personId: await commandLinePerson() };
    const person = await withActor(actor, (tx) => addAccount(tx, { ...input.data, administrator, passwordHash }));
    const { email } = input.data;
    return {
      json: { person, email, password, administrator, mayCreateStudies: createsStudies },
      text: words("user.added", { email, password, address: pagesAddress() }).split("\n"),
    };
  });
  return command;
}
