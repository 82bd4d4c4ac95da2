import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { Command } from "commander";
import { decimal, parsed, refuseUnlocked } from "@/scripts/cli/options";
import { runCommand, unreadable } from "@/scripts/cli/run-command";
import { words } from "@/scripts/cli/words";
import { AppError } from "@/server/errors";
import { importScoresInput } from "@/server/schemas/model";
import { importScores } from "@/server/services/model/import-scores";
import { studyOfCommand } from "@/server/services/study/study-of-command";

/** import scores SCORES.csv --study NAME --provenance TEXT [--threshold 0.5] */
export function importScoresCommand(): Command {
  const command = new Command("scores")
    .description(words("import.scores"))
    .argument("<scores>", words("import.csv"))
    .requiredOption("--study <name>", words("option.study"))
    .requiredOption("--provenance <text>", words("import.provenance"))
    .option("--threshold <score>", words("import.threshold"), decimal, 0.5);
  runCommand<{ study: string; provenance: string; threshold: number }>(
    command,
    async ({ args: [path = ""], options: { study: name, provenance, threshold } }) => {
      const csv = utf8(await readFile(path).catch(unreadable(path)));
      const { study, actor } = await studyOfCommand(name, { command: "import scores" });
      refuseUnlocked(study);
      const asked = parsed(importScoresInput, { fileName: basename(path), csv, provenance, threshold });
      const { runId } = await importScores(actor, asked);
      return {
        json: { study: study.slug, run: runId },
        text: [words("import.scores_done", { run: runId })],
      };
    },
  );
  return command;
}

/** The text with its byte order mark, so that the hash of the record is that of the file. */
function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new AppError("invalid", { key: "errors.not_utf8" });
  }
}
