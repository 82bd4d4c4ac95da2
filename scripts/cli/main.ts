import { Command } from "commander";
import { analyseCommand } from "./commands/analyse";
import { cardCommand } from "./commands/card";
import { createStudyCommand } from "./commands/create-study";
import { exportCommand } from "./commands/export";
import { importCropsCommand } from "./commands/import-crops";
import { importReadsCommand } from "./commands/import-reads";
import { importScoresCommand } from "./commands/import-scores";
import { listStudiesCommand } from "./commands/list-studies";
import { lockCommand } from "./commands/lock";
import { scoreCommand } from "./commands/score";
import { sweepCommand } from "./commands/sweep";
import { trainCommand } from "./commands/train";

const program = new Command("nodewise")
  .description(
    "Nodewise without a browser. Words go to standard error, the result of --json to standard output; NODEWISE_DATA names the data folder.",
  )
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })
  .addCommand(
    new Command("study")
      .description("create and list studies")
      .addCommand(createStudyCommand())
      .addCommand(listStudiesCommand()),
  )
  .addCommand(
    new Command("import")
      .description("import images, reads and scores")
      .addCommand(importCropsCommand())
      .addCommand(importReadsCommand())
      .addCommand(importScoresCommand()),
  )
  .addCommand(lockCommand())
  .addCommand(trainCommand())
  .addCommand(sweepCommand())
  .addCommand(scoreCommand())
  .addCommand(analyseCommand())
  .addCommand(cardCommand())
  .addCommand(exportCommand());

await program.parseAsync();
