import { z } from "zod";
import { studyOfReaders } from "@/tests/load/study";
import { protocolThatReads } from "@/tests/support/practice";

/* node --import tsx tests/e2e/make-study-of-readers.ts READERS PATIENTS [READING]: a study of its own in the product whose data folder NODEWISE_E2E_DATA names, whose protocol says
   READING beside the case where that is given; prints it as JSON. */

const [readers, patients, reading] = z
  .tuple([z.coerce.number().int(), z.coerce.number().int()], z.string())
  .parse(process.argv.slice(2));
const dataDir = z.string().parse(process.env.NODEWISE_E2E_DATA);
const protocol = reading === undefined ? {} : { source: await protocolThatReads(reading) };
process.stdout.write(`${JSON.stringify(await studyOfReaders(dataDir, { readers, patients, ...protocol }))}\n`);
process.exit();
