import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { Actor } from "@/db/actor";
import type { AppError } from "@/server/errors";
import { lockStudy } from "@/server/services/lock/lock-study";
import { addProtocolVersion } from "@/server/services/study/add-protocol-version";
import { parseProtocol } from "@/server/services/study/parse-protocol";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { freshDatabase } from "../support/database";
import { compare } from "../support/model-runs";
import { type Deed, outcomesOfTwo } from "../support/outcome";
import { addPatient, draw, type MadeStudy, makeStudy, readCases, report } from "../support/study";

/*
 * The plan that is signed with the lock is the one that is followed: whoever has seen the results writes no other, on the page or by SQL. And which version counts stands in the trail, whoever
 * changes it.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const { source } = await shippedProtocol("demonstration");
const another = (version: string) =>
  source
    .replace('version: "1.2"', `version: "${version}"`)
    .replace(
      /primary: \{.*\}/,
      "primary: { first: network, second: cohort-1, measure: sensitivity, readers: fixed, margin: 0.4 }",
    );

let study: MadeStudy;
beforeEach(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
});

const change = (actor: MadeStudy["members"]["principal_investigator"], version: string) =>
  door.withActor(actor, (tx) => addProtocolVersion(tx, actor, { source: another(version), reason: "A typo" }));
const lock = ({ members: { principal_investigator: pi } }: MadeStudy) =>
  door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Enough" }));

const insert = (version: string) => {
  const { document, sha256 } = parseProtocol(another(version));
  return sql`insert into protocol_version (study_id, version, sha256, document, source, reason)
    values (${study.studyId}, ${version}, ${sha256}, ${JSON.stringify(document)}::jsonb, 'x', 'By SQL') returning id`;
};
const name = (version: string) =>
  sql`update study set protocol_version_id = (select id from protocol_version where version = ${version})`;
const told = (actor: Actor, statement: ReturnType<typeof sql>) =>
  door
    .withActor(actor, (tx) => tx.execute(statement))
    .then(
      () => "done",
      (error: { constraint?: string; code?: string }) => error.constraint ?? error.code,
    );
/** What the monitor sees of it in the trail. */
const trail = async () => [
  ...(await door.withActor(study.members.monitor, (tx) =>
    tx.execute(
      sql`select role, entity, reason, detail ->> 'version' as version from audit_event where action = 'study.protocol_changed' order by id`,
    ),
  )),
];

describe("the protocol of a study whose database is locked", () => {
  test("has no further version, on the page or by SQL, of investigator or administrator", async () => {
    const { principal_investigator: pi, administrator } = study.members;
    // Control: until then it has.
    await change(pi, "2.0");
    await change(administrator, "3.0");
    await lock(study);
    for (const actor of [pi, administrator]) {
      const refused: AppError = await change(actor, "4.0").catch((error) => error);
      expect(refused).toMatchObject({
        code: "locked",
        message: expect.stringMatching(/plan of its analysis.*Nothing was saved/),
      });
      expect(refused.in("zh").message).toMatch(/分析计划也随之固定/);
      expect(await told(actor, insert("4.0"))).toBe("study_is_locked");
      // Nor one that was there before.
      for (const version of ["1.2", "2.0"]) expect(await told(actor, name(version)), version).toBe("study_is_locked");
    }
    // Control: nothing was to change.
    expect(await told(pi, name("3.0"))).toBe("done");
    const versions =
      await admin`select version from protocol_version where study_id = ${study.studyId} order by version`;
    expect(versions.map(({ version }) => version)).toEqual(["1.2", "2.0", "3.0"]);
  });

  test("is the one of the lock: a version that is named meanwhile waits, and is refused", async () => {
    const { principal_investigator: pi, administrator } = study.members;
    expect(await told(pi, insert("2.0"))).toBe("done");
    const locks: Deed = [pi, (tx) => tx.execute(sql`select nw.lock_study('Enough')`)];
    const names: Deed = [administrator, (tx) => tx.execute(name("2.0"))];
    expect(await outcomesOfTwo(door)(locks, names)).toEqual(["done", "study_is_locked"]);
    expect(await trail()).toEqual([]);
  });

  test("is the plan of every comparison: an analysis is asked for under no other version", async () => {
    const { principal_investigator: pi, data_scientist: scientist, reader } = study.members;
    const { nodeId } = await addPatient(door, study, {
      name: "P",
      shortAxisMm: 6,
      positive: true,
      seed: 1,
      only: ["axial"],
    });
    await draw(door, study);
    await readCases(door, reader, 9);
    await report(door, study, nodeId, "positive");
    await change(pi, "2.0");
    await lock(study);
    const [signed] = await admin`
      select detail ->> 'protocolVersion' as version, detail ->> 'protocolSha256' as sha256 from audit_event where study_id = ${study.studyId} and action = 'study.locked'`;
    const compared = await door.withActor(scientist, (tx) => compare(tx, scientist));
    expect(compared.about.protocol).toMatchObject({ ...signed });
    expect(signed?.version).toBe("2.0");
    const ask = (version: string) => {
      const id = randomUUID();
      return door
        .withActor(scientist, async (tx) => {
          await tx.execute(sql`insert into job (id, study_id, kind) values (${id}, ${study.studyId}, 'analyse')`);
          await tx.execute(sql`
            insert into analysis (id, study_id, protocol_version_id, run_ids, methods)
            select ${id}, study_id, id, '{}', 'x' from protocol_version where version = ${version}`);
        })
        .then(
          () => "done",
          (error: { constraint?: string; code?: string }) => error.constraint ?? error.code,
        );
    };
    expect(await ask("1.2")).toBe("analysis_of_the_plan");
    expect(await ask("2.0")).toBe("done");
  });
});

test("which version counts is noted by the database, once, whoever changes it and however", async () => {
  const { principal_investigator: pi, administrator } = study.members;
  await change(pi, "2.0");
  expect(await told(administrator, insert("3.0"))).toBe("done");
  expect(await told(administrator, name("3.0"))).toBe("done");
  expect(await told(pi, name("1.2"))).toBe("done");
  expect(await told(pi, name("1.2"))).toBe("done");
  const about = { entity: "protocol_version" };
  expect(await trail()).toEqual([
    { ...about, role: "nw_principal_investigator", reason: "A typo", version: "2.0" },
    { ...about, role: "nw_administrator", reason: "By SQL", version: "3.0" },
    { ...about, role: "nw_principal_investigator", reason: null, version: "1.2" },
  ]);
  // Nobody notes one that was not made.
  for (const actor of [pi, administrator])
    expect(await told(actor, sql`select nw.record('study.protocol_changed', 'protocol_version', 'x', 'x', null)`)).toBe(
      "42501",
    );
});
