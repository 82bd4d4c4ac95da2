import { randomUUID } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { connect } from "@/db/client";
import { credential } from "@/db/schema";
import { door } from "@/server/door";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { workIn } from "@/tests/load/study";
import { addPatient, draw, makeStudy, readCases } from "@/tests/support/study";

/* node --import tsx tests/e2e/make-study-in-wash-out.ts: a study of its own in the product whose data folder NODEWISE_E2E_DATA names, in which R2 has read the first list to its end and waits four
   weeks for the second; its investigator has a password. Prints both as JSON. */

const owner = workIn(z.string().parse(process.env.NODEWISE_E2E_DATA));
const { source } = await shippedProtocol("demonstration");
const study = await makeStudy({
  ...{ door: door(), ownerUrl: owner },
  source: source.replace("shows: [size], washOutDays: 0", "shows: [size], washOutDays: 28"),
});
await addPatient(door(), study, { name: "P1", shortAxisMm: 6, positive: false, seed: 1, only: ["axial"] });
await draw(door(), study);
await readCases(door(), study.members.reader, 1);
await door().close();

const { personId } = study.members.principal_investigator;
const password = randomUUID();
const passwordHash = await hash(password);
const { db, pool } = connect(owner, 1);
await db.transaction(async (tx) => {
  await tx.execute(sql`set local role nw_kernel`);
  await tx.insert(credential).values({ personId, passwordHash });
});
await pool.end({ timeout: 5 });
process.stdout.write(`${JSON.stringify({ slug: study.slug, email: `${personId}@example.org`, password })}\n`);
process.exit();
