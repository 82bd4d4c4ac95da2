import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { id } from "@/scripts/cli/options";
import { runCommand } from "@/scripts/cli/run-command";
import { waitForAnalysis, waitForReport } from "@/scripts/cli/wait";
import { locale, words } from "@/scripts/cli/words";
import { writeWhole } from "@/scripts/cli/write-whole";
import { withActor } from "@/server/door";
import { reportFormat } from "@/server/schemas/report";
import { requestComparison } from "@/server/services/analysis/request-comparison";
import { requestReport } from "@/server/services/report/request-report";
import { takeReport } from "@/server/services/report/take-report";
import { studyOfCommand } from "@/server/services/study/study-of-command";

/** report --study NAME [--run ID] --out DIR, in the language of `--lang` */
export function reportCommand(): Command {
  const command = new Command("report")
    .description(words("report.about"))
    .requiredOption("--study <name>", words("option.study"))
    .option("--run <id>", words("analyse.run"), id)
    .requiredOption("--out <folder>", words("report.out"));
  runCommand<{ study: string; run?: string; out: string }>(command, async ({ options, services }) => {
    const { study, actor } = await studyOfCommand(options.study, { command: "report", afterLock: true });
    const asked = { runId: options.run, language: locale };
    const { analysisId } = await withActor(actor, (tx) => requestComparison(tx, actor, asked));
    await waitForAnalysis(services, actor, analysisId);
    const { reportId } = await withActor(actor, (tx) => requestReport(tx, actor, asked));
    await waitForReport(services, actor, reportId);
    await mkdir(options.out, { recursive: true });
    const files: string[] = [];
    for (const format of reportFormat.options) {
      const { stream, name } = await takeReport(actor, { reportId, format });
      await writeWhole(join(options.out, name), stream);
      files.push(name);
    }
    return {
      json: { study: study.name, synthetic: study.synthetic, report: reportId, files },
      text: [
        ...(study.synthetic ? [words("synthetic")] : []),
        words("report.written", { folder: options.out, files: files.join(", ") }),
      ],
    };
  });
  return command;
}
