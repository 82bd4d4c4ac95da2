import { join } from "node:path";
import { z } from "zod";
import { urlsOf } from "@/scripts/bench/product";
import { studyOfReaders } from "@/tests/load/study";

/* node --import tsx tests/e2e/make-study-of-readers.ts READERS PATIENTS: a study of its own in the product whose data folder NODEWISE_E2E_DATA names; prints it as JSON. */

const [readers, patients] = z.tuple([z.coerce.number().int(), z.coerce.number().int()]).parse(process.argv.slice(2));
const dataDir = z.string().parse(process.env.NODEWISE_E2E_DATA);
const urls = urlsOf(dataDir);
Object.assign(process.env, {
  DATABASE_URL: urls.web,
  NODEWISE_ACTOR_SECRET: urls.actor,
  NODEWISE_STORE: join(dataDir, "store"),
});
process.stdout.write(`${JSON.stringify(await studyOfReaders({ ownerUrl: urls.owner, readers, patients }))}\n`);
process.exit();
