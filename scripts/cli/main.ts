import { Command, Option } from "commander";
import { locales } from "@/core/words";
import { addUserCommand } from "./commands/add-user";
import { analyseCommand } from "./commands/analyse";
import { auditTableCommand } from "./commands/audit-table";
import { bundleCommand } from "./commands/bundle";
import { cardCommand } from "./commands/card";
import { confirmMemberCommand } from "./commands/confirm-member";
import { createStudyCommand } from "./commands/create-study";
import { designCommand } from "./commands/design";
import { exportCommand } from "./commands/export";
import { exportImagesCommand } from "./commands/export-images";
import { importCropsCommand } from "./commands/import-crops";
import { importDicomCommand } from "./commands/import-dicom";
import { importPracticeCommand } from "./commands/import-practice";
import { importReadsCommand } from "./commands/import-reads";
import { importScoresCommand } from "./commands/import-scores";
import { listStudiesCommand } from "./commands/list-studies";
import { lockCommand } from "./commands/lock";
import { receiveDicomCommand } from "./commands/receive-dicom";
import { reportCommand } from "./commands/report";
import { reproduceCommand } from "./commands/reproduce";
import { resetUserCommand } from "./commands/reset-user";
import { scoreCommand } from "./commands/score";
import { summaryCommand } from "./commands/summary";
import { sweepCommand } from "./commands/sweep";
import { trainCommand } from "./commands/train";
import { speak } from "./speak";
import { words } from "./words";

const program = new Command("nodewise")
  .description(words("about"))
  .addOption(new Option("--lang <language>", words("lang")).choices(locales))
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })
  .addCommand(
    new Command("study")
      .description(words("study.about"))
      .addCommand(createStudyCommand())
      .addCommand(listStudiesCommand()),
  )
  .addCommand(
    new Command("import")
      .description(words("import.about"))
      .addCommand(importCropsCommand())
      .addCommand(importDicomCommand())
      .addCommand(importPracticeCommand())
      .addCommand(importReadsCommand())
      .addCommand(importScoresCommand()),
  )
  .addCommand(
    new Command("user").description(words("user.about")).addCommand(addUserCommand()).addCommand(resetUserCommand()),
  )
  .addCommand(new Command("member").description(words("member.about")).addCommand(confirmMemberCommand()))
  .addCommand(receiveDicomCommand())
  .addCommand(lockCommand())
  .addCommand(trainCommand())
  .addCommand(sweepCommand())
  .addCommand(scoreCommand())
  .addCommand(analyseCommand())
  .addCommand(reportCommand())
  .addCommand(cardCommand())
  .addCommand(exportCommand())
  .addCommand(exportImagesCommand())
  .addCommand(bundleCommand())
  .addCommand(reproduceCommand())
  .addCommand(designCommand())
  .addCommand(auditTableCommand())
  .addCommand(summaryCommand());

await speak(program).parseAsync();
