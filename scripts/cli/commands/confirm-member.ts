import { Command } from "commander";
import { z } from "zod";
import { parsed } from "@/scripts/cli/options";
import { runCommand } from "@/scripts/cli/run-command";
import { words } from "@/scripts/cli/words";
import { withActor } from "@/server/door";
import { studyRole } from "@/server/schemas/study";
import { confirmMember } from "@/server/services/study/confirm-member";
import { membershipOf } from "@/server/services/study/membership-of";
import { studyOfCommand } from "@/server/services/study/study-of-command";

const asked = z.object({ email: z.email("fields.email").max(254), role: studyRole });

/** member confirm --study NAME --email ADDRESS --role ROLE */
export function confirmMemberCommand(): Command {
  const command = new Command("confirm")
    .description(words("member.confirm"))
    .requiredOption("--study <name>", words("option.study"))
    .requiredOption("--email <address>", words("member.email"))
    .requiredOption("--role <role>", words("member.role"));
  runCommand<{ study: string; email: string; role: string }>(command, async ({ options }) => {
    const { email, role } = parsed(asked, options);
    const { study, actor } = await studyOfCommand(options.study, { command: "member confirm" });
    await withActor(actor, async (tx) => confirmMember(tx, actor, await membershipOf(tx, actor, { email, role })));
    return {
      json: { study: study.slug, email, role },
      text: [words("member.confirmed", { email, role, study: study.name })],
    };
  });
  return command;
}
