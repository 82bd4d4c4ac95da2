import { stat } from "node:fs/promises";
import { Command } from "commander";
import { day } from "@/scripts/cli/options";
import { runCommand, unreadable } from "@/scripts/cli/run-command";
import { progressBar } from "@/scripts/cli/terminal";
import { inWords, words } from "@/scripts/cli/words";
import { writeWhole } from "@/scripts/cli/write-whole";
import { type ImportedFile, importFolder } from "@/server/services/series/import-folder";
import { studyOfCommand } from "@/server/services/study/study-of-command";
import { toCsv } from "@/server/tables/to-csv";

/** import dicom FOLDER --study NAME [--subject NUMBER] [--exam DAY] [--out FILE] */
export function importDicomCommand(): Command {
  const command = new Command("dicom")
    .description(words("import.dicom"))
    .argument("<folder>", words("import.folder"))
    .requiredOption("--study <name>", words("option.study"))
    .option("--subject <number>", words("import.subject"))
    .option("--exam <day>", words("import.exam"), day)
    .option("--out <file>", words("import.dicom_out"));
  runCommand<{ study: string; subject?: string; exam?: string; out?: string }>(
    command,
    async ({ args: [folder = ""], options: { study: name, subject, exam, out } }) => {
      const found = await stat(folder).catch(unreadable(folder));
      if (!found.isDirectory()) unreadable(folder)(Object.assign(new Error(), { code: "ENOTDIR" }));
      const { study, actor } = await studyOfCommand(name, { command: "import dicom" });
      const bar = progressBar();
      const files = await importFolder(actor, {
        ...{ folder, subject, day: exam },
        onProgress: (at) => bar.show({ name: words("import.dicom_taking"), ...at }),
      }).finally(bar.end);
      const report = files.map(({ file, subject, exam, outcome, reason }) => ({
        ...{ file, subject, exam, outcome },
        reason: reason && inWords(reason),
      }));
      if (out) await writeWhole(out, toCsv(report, ["file", "subject", "exam", "outcome", "reason"]));
      const counts = { accepted: 0, held: 0, known: 0, refused: 0 };
      for (const { outcome } of files) counts[outcome]++;
      return {
        json: { study: study.slug, ...counts, files: report },
        text: [
          ...reasons(files),
          words("import.dicom_done", { files: files.length, ...counts }),
          ...(out ? [words("import.dicom_written", { file: out })] : []),
        ],
      };
    },
  );
  return command;
}

/** A line a reason, with how many files it is of and the first of them. */
function reasons(files: readonly ImportedFile[]): string[] {
  const found = new Map<string, { count: number; file: string; outcome: string; reason: string }>();
  for (const { file, outcome, reason: said } of files) {
    if (!said) continue;
    const reason = inWords(said);
    const before = found.get(reason);
    found.set(reason, before ? { ...before, count: before.count + 1 } : { count: 1, file, outcome, reason });
  }
  return [...found.values()].map((each) => words("import.dicom_reason", each));
}
