import { z } from "zod";
import { studyOfReaders } from "@/tests/load/study";
import { practisedProtocol } from "@/tests/support/practice";

/* node --import tsx tests/e2e/make-study-of-readers.ts READERS PATIENTS [PRACTICE]: a study of its own in the product whose data folder NODEWISE_E2E_DATA names, whose protocol asks
   for practice where that is given (`reading.practice`); prints it as JSON. */

const [readers, patients, practice] = z
  .tuple([z.coerce.number().int(), z.coerce.number().int()], z.string())
  .parse(process.argv.slice(2));
const dataDir = z.string().parse(process.env.NODEWISE_E2E_DATA);
const protocol = practice === undefined ? {} : { source: await practisedProtocol(practice) };
process.stdout.write(`${JSON.stringify(await studyOfReaders(dataDir, { readers, patients, ...protocol }))}\n`);
process.exit();
