import { Command } from "commander";
import { analyseCommand } from "./commands/analyse";
import { createStudyCommand } from "./commands/create-study";
import { importCropsCommand } from "./commands/import-crops";
import { importReadsCommand } from "./commands/import-reads";
import { listStudiesCommand } from "./commands/list-studies";
import { lockCommand } from "./commands/lock";
import { scoreCommand } from "./commands/score";
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
      .description("import images and reads")
      .addCommand(importCropsCommand())
      .addCommand(importReadsCommand()),
  )
  .addCommand(lockCommand())
  .addCommand(trainCommand())
  .addCommand(scoreCommand())
  .addCommand(analyseCommand());

await program.parseAsync();
