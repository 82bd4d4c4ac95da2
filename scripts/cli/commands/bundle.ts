import { Command } from "commander";
import { id } from "@/scripts/cli/options";
import { runCommand } from "@/scripts/cli/run-command";
import { waitForAnalysis, waitForBundle } from "@/scripts/cli/wait";
import { words } from "@/scripts/cli/words";
import { writeWhole } from "@/scripts/cli/write-whole";
import { withActor } from "@/server/door";
import { requestComparison } from "@/server/services/analysis/request-comparison";
import { requestBundle } from "@/server/services/bundle/request-bundle";
import { takeBundle } from "@/server/services/bundle/take-bundle";
import { studyOfCommand } from "@/server/services/study/study-of-command";

/** bundle --study NAME [--run ID] --out FILE.zip */
export function bundleCommand(): Command {
  const command = new Command("bundle")
    .description(words("bundle.about"))
    .requiredOption("--study <name>", words("option.study"))
    .option("--run <id>", words("analyse.run"), id)
    .requiredOption("--out <file>", words("option.out"));
  runCommand<{ study: string; run?: string; out: string }>(command, async ({ options, services }) => {
    const { study, actor } = await studyOfCommand(options.study, { command: "bundle", afterLock: true });
    const asked = { runId: options.run };
    const { analysisId } = await withActor(actor, (tx) => requestComparison(tx, actor, asked));
    await waitForAnalysis(services, actor, analysisId);
    const { bundleId } = await withActor(actor, (tx) => requestBundle(tx, actor, asked));
    await waitForBundle(services, actor, bundleId);
    const { stream, bytes, sha256, name } = await takeBundle(actor, { bundleId });
    await writeWhole(options.out, stream);
    return {
      json: { study: study.slug, bundle: bundleId, file: options.out, bytes, sha256 },
      text: [words("bundle.written", { name, bytes, sha256, file: options.out })],
    };
  });
  return command;
}
