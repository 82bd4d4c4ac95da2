import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { Command } from "commander";
import { withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { importScoresInput } from "@/server/schemas/model";
import { importScores } from "@/server/services/model/import-scores";
import { studyAsCommandLine } from "@/server/services/study/command-line";
import { decimal, parsed, refuseUnlocked } from "../options";
import { runCommand, unreadable } from "../run-command";

/** import scores SCORES.csv --study NAME --provenance TEXT [--threshold 0.5] */
export function importScoresCommand(): Command {
  const command = new Command("scores")
    .description(
      "import the scores of a model that was trained elsewhere: columns subject,node,plane,score; one row for every image",
    )
    .argument("<scores>", "CSV file")
    .requiredOption("--study <name>", "the study")
    .requiredOption("--provenance <text>", "who made the model, with what program and on which data")
    .option("--threshold <score>", "the score from which it calls an image positive", decimal, 0.5);
  runCommand<{ study: string; provenance: string; threshold: number }>(
    command,
    async ({ args: [path = ""], options: { study: name, provenance, threshold } }) => {
      const csv = utf8(await readFile(path).catch(unreadable(path)));
      const { study, actor } = await studyAsCommandLine(name);
      refuseUnlocked(study);
      const asked = parsed(importScoresInput, { fileName: basename(path), csv, provenance, threshold });
      const { runId } = await withActor(actor, (tx) => importScores(tx, actor, asked));
      return {
        json: { study: study.slug, run: runId },
        text: [
          `The scores are run ${runId}. It is compared with readers only where it is named: analyse --run ${runId}`,
        ],
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
    throw new AppError("invalid", "The file is not UTF-8 text. Nothing was imported; save it as CSV in UTF-8.");
  }
}
