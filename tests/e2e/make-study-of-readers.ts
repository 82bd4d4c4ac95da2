import { z } from "zod";
import { studyOfReaders } from "@/tests/load/study";

/* node --import tsx tests/e2e/make-study-of-readers.ts READERS PATIENTS [READING]: a study of its own in the product whose data folder NODEWISE_E2E_DATA names; prints it as JSON. */

const [readers, patients, reading] = z
  .tuple([z.coerce.number().int(), z.coerce.number().int(), z.string().optional()])
  .parse(process.argv.slice(2));
const dataDir = z.string().parse(process.env.NODEWISE_E2E_DATA);
process.stdout.write(`${JSON.stringify(await studyOfReaders(dataDir, { readers, patients, reading }))}\n`);
process.exit();
