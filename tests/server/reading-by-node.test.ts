import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importReads } from "@/server/services/import/import-reads";
import { lockStudy } from "@/server/services/lock/lock-study";
import { closeReading } from "@/server/services/reading/close-reading";
import { listProgress } from "@/server/services/reading/list-progress";
import { makeCases } from "@/server/services/reading/make-cases";
import { openCase } from "@/server/services/reading/open-case";
import { addProtocolVersion } from "@/server/services/study/add-protocol-version";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { freshDatabase } from "@/tests/support/database";
import { compare } from "@/tests/support/model-runs";
import { addPatient, draw, type MadeStudy, makeStudy, planes, readCases, report } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const patient = (name: string, seed: number) => ({ name, seed, shortAxisMm: 4 + seed, positive: seed % 2 === 0 });

/** A study that reads node by node: two nodes with every plane, a third that lacks one. */
async function studyByNode() {
  const { source } = await shippedProtocol("demonstration");
  const study = await makeStudy({
    door,
    ownerUrl: database.owner,
    source: source.replace("reading: { case: image }", "reading: { case: node }"),
  });
  const complete = [
    await addPatient(door, study, patient("First", 1)),
    await addPatient(door, study, patient("Second", 2)),
  ];
  await addPatient(door, study, { ...patient("Third", 3), only: ["axial", "coronal"] });
  return { study, complete };
}

const progress = ({ members }: MadeStudy) =>
  door.withActor(members.principal_investigator, (tx) => listProgress(tx, members.principal_investigator));

describe("a study that reads node by node", () => {
  let study: MadeStudy;
  let complete: { number: string; nodeId: string }[];
  beforeAll(async () => {
    ({ study, complete } = await studyByNode());
  });

  test("draws the nodes that have every plane, each once, however many draw at a time", async () => {
    expect(await progress(study)).toMatchObject({ unit: "node", lackingCrops: 1 });
    const drawn = await Promise.allSettled([draw(door, study), draw(door, study)]);
    expect(drawn.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const { lists, lacking } = await progress(study);
    expect(lists.map(({ total, batch }) => [total, batch])).toEqual([
      [2, 1],
      [2, 1],
      [2, 1],
      [2, 1],
    ]);
    expect(lacking).toEqual([]);
  });

  test("shows the planes of a node side by side in the protocol's order, with the size only where the condition shows it", async () => {
    const { reader } = study.members;
    const hidden = await readCases(door, reader, 2);
    const sized = await readCases(door, reader, 2);
    for (const { crops } of [...hidden, ...sized])
      expect(crops.map(({ plane }) => plane)).toEqual(["Axial", "Sagittal", "Coronal"]);
    for (const shown of hidden) expect(shown).not.toHaveProperty("shortAxisMm");
    expect(sized.map(({ shortAxisMm }) => shortAxisMm).toSorted()).toEqual([5, 6]);
    expect(await openCase(reader)).toBeNull();
  });

  test("takes reads made outside by node of what nobody has to read here, and a plane in them is refused", async () => {
    const { actor } = await studyAsCommandLine(study.slug);
    const { coordinator } = study.members;
    const [first, second] = complete;
    const file = (...rows: string[]) => ({
      reads: Buffer.from(["reader,condition,subject,node,call", ...rows].join("\n")),
    });
    const rows = [`R3,cohort-1,${first?.number},N1,negative`, `R3,cohort-1,${second?.number},N1,positive`];
    await expect(importReads(actor, file(...rows))).rejects.toMatchObject({
      problems: [first, second].map((patient) =>
        expect.stringContaining(`R3 has subject ${patient?.number} node N1 in cohort-1 in the schedule and has not`),
      ),
    });
    await door.withActor(coordinator, (tx) =>
      closeReading(tx, coordinator, { readerCode: "R3", reason: "Read on paper" }),
    );
    expect(await importReads(actor, file(...rows))).toMatchObject({ added: 2 });
    expect(await importReads(actor, file(...rows))).toMatchObject({ added: 0, unchanged: 2 });
    await expect(importReads(actor, file("R3,cohort-2,003,N1,negative"))).rejects.toMatchObject({
      problems: [expect.stringMatching(/no image of subject 003 node N1 in every plane/)],
    });
    const withPlane = Buffer.from(`reader,condition,subject,node,plane,call\nR3,cohort-2,${first?.number},N1,axial,1`);
    await expect(importReads(actor, { reads: withPlane })).rejects.toMatchObject({
      problems: [expect.stringMatching(/plane is "axial", but the protocol reads node by node/)],
    });
  });

  test("compares image by image: a read counts for each image of its node", async () => {
    const { principal_investigator: pi, data_scientist: scientist } = study.members;
    for (const { nodeId } of complete)
      await report(door, study, nodeId, nodeId === complete[1]?.nodeId ? "positive" : "negative");
    await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "One node lacks a plane" }));
    const compared = await door.withActor(scientist, (tx) => compare(tx, scientist));
    expect(compared.about).toMatchObject({ unit: "node", images: 2 * planes.length, nodes: 2 });
    const counts = compared.rows.map(({ reader, condition, n, tp, fp, tn, fn }) => [
      reader,
      condition,
      n,
      tp,
      fp,
      tn,
      fn,
    ]);
    expect(counts.toSorted()).toEqual([
      ["R2", "cohort-1", 6, 0, 0, 3, 3],
      ["R2", "cohort-2", 6, 0, 0, 3, 3],
      ["R3", "cohort-1", 6, 3, 0, 3, 0],
    ]);
  });
});

test("a condition that repeats another is read once more, and compared with it by reader only", async () => {
  const { source } = await shippedProtocol("demonstration");
  const again = "  - { key: again, label: Cohort 1 again, shows: [], washOutDays: 0, repeats: cohort-1 }\n";
  const study = await makeStudy({
    door,
    ownerUrl: database.owner,
    source: source.replace("\nreading:", `${again}\nreading:`),
  });
  const { reader, principal_investigator: pi, data_scientist: scientist } = study.members;
  const { nodeId } = await addPatient(door, study, patient("Only", 1));
  await draw(door, study);
  const shown = await readCases(door, reader, 9);
  expect(shown.map(({ condition }) => condition.key)).toEqual(
    ["cohort-1", "cohort-2", "again"].flatMap((key) => planes.map(() => key)),
  );
  await report(door, study, nodeId, "negative");
  await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Enough" }));
  const occasions = await door.withActor(scientist, (tx) =>
    tx.execute(sql`select condition_key, occasion, count(*)::int as n from nw.current_read group by 1, 2 order by 1`),
  );
  expect([...occasions]).toEqual([
    { condition_key: "again", occasion: 2, n: 3 },
    { condition_key: "cohort-1", occasion: 1, n: 3 },
    { condition_key: "cohort-2", occasion: 1, n: 3 },
  ]);
  const compared = await door.withActor(scientist, (tx) => compare(tx, scientist));
  expect(compared.rows.map(({ condition }) => condition)).toEqual(["cohort-1", "cohort-2"]);
  expect(compared.agreement).toMatchObject([{ readers: ["R2", "R2"], condition: "again", n: 3, observed: 1 }]);

  // What was a repetition when it was read is one for ever, whatever a later version of the protocol says: as a study may stand that changed it when that was possible.
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`
      with later as (
        insert into protocol_version (study_id, version, sha256, document, source, reason, created_by)
        select study_id, 'later', repeat('0', 64), document #- '{conditions,2,repeats}', source, 'No longer a repetition', created_by
          from protocol_version where study_id = ${study.studyId} returning id)
      update study set protocol_version_id = later.id from later where study.id = ${study.studyId}`;
  });
  const later = await door.withActor(scientist, (tx) => compare(tx, scientist));
  expect(later).toEqual({ ...compared, about: { ...compared.about, protocol: later.about.protocol } });
  expect(later.about.protocol.version).toBe("later");
});

describe("a reader has one read of an image in a condition", () => {
  const byNode = async () =>
    (await shippedProtocol("demonstration")).source.replace("{ case: image }", "{ case: node }");
  const changed = (source: string, version = "2.0") => source.replace('version: "1.2"', `version: "${version}"`);
  const change = ({ members: { principal_investigator: pi } }: MadeStudy, source: string) =>
    door.withActor(pi, (tx) => addProtocolVersion(tx, pi, { source: changed(source), reason: "Otherwise" }));
  const byImage = async () => {
    const study = await makeStudy({ door, ownerUrl: database.owner });
    return { study, ...(await addPatient(door, study, patient("Only", 1))) };
  };
  const file = (...rows: string[]) => ({ reads: Buffer.from(rows.join("\n")) });
  const axial = (number: string) =>
    file("reader,condition,subject,node,plane,call", `R2,cohort-1,${number},N1,axial,1`);
  const whole = (number: string) => file("reader,condition,subject,node,call", `R2,cohort-1,${number},N1,1`);

  test("an image that has a read, imported or not, is replaced no more", async () => {
    const { study, number, nodeId } = await byImage();
    const { locating_radiologist: radiologist } = study.members;
    const replace = (plane: string) =>
      door.withActor(radiologist, (tx) =>
        tx.execute(sql`update crop set superseded_at = now() where node_id = ${nodeId} and plane = ${plane}`),
      );
    const { actor } = await studyAsCommandLine(study.slug);
    await importReads(actor, axial(number));
    await expect(replace("axial")).rejects.toMatchObject({ constraint: "crop_is_read" });
    await replace("coronal");
  });

  test("the unit of reading is changed until there is a schedule or a read, and no longer", async () => {
    const { study, number } = await byImage();
    const { actor } = await studyAsCommandLine(study.slug);
    await importReads(actor, axial(number));
    await expect(change(study, await byNode())).rejects.toThrow(/reading\.case.*by image already/);
    const { study: drawn } = await byImage();
    await draw(door, drawn);
    await expect(change(drawn, await byNode())).rejects.toThrow(/reading\.case.*by image already/);
    const { study: empty } = await byImage();
    await change(empty, await byNode());
    expect(await progress(empty)).toMatchObject({ unit: "node" });
  });

  test("a condition with a schedule stays what it repeats, and one without becomes another", async () => {
    const { source } = await shippedProtocol("demonstration");
    const again = (of: string) =>
      source.replace("\nreading:", `  - { key: again, label: Again, shows: [], washOutDays: 0${of} }\n\nreading:`);
    const study = await makeStudy({ door, ownerUrl: database.owner, source: again(", repeats: cohort-1") });
    await addPatient(door, study, patient("Only", 1));
    await draw(door, study);
    await expect(change(study, again(""))).rejects.toThrow(/conditions\.again\.repeats.*as a repetition of cohort-1/);
    await expect(change(study, source)).rejects.toThrow(/again is scheduled or read already, and is missing/);
    const { study: other } = await byImage();
    await draw(door, other);
    await change(other, again(", repeats: cohort-1"));
  });

  test("a condition with a schedule stays what it shows and where it stands, and its wash-out gets no shorter", async () => {
    const { source } = await shippedProtocol("demonstration");
    const [first, second] = source.match(/^ {2}- \{ key: cohort-[12].*\n/gm) ?? [];
    const washed = (days: number) =>
      source.replace("shows: [size], washOutDays: 0", `shows: [size], washOutDays: ${days}`);
    const swapped = source.replace(`${first}${second}`, `${second}${first}`);
    const sized = "  - { key: sized, label: Sized, shows: [size], washOutDays: 0 }\n";
    const changes = [
      [source.replace("shows: []", "shows: [size]"), /conditions\.cohort-1\.shows.*nothing beside the images/],
      [washed(0), /conditions\.cohort-2\.washOutDays.*20 days/],
      [
        swapped.replace("shows: [size], washOutDays: 0", "shows: [size], washOutDays: 20"),
        /cohort-1 .*cohort-2 did not/,
      ],
      [washed(20).replace(String(first), `${sized}${first}`), /cohort-1 .*sized did not/],
    ] as const;
    const study = await makeStudy({ door, ownerUrl: database.owner, source: washed(20) });
    await addPatient(door, study, patient("Only", 1));
    await draw(door, study);
    for (const [changedSource, refused] of changes) await expect(change(study, changedSource)).rejects.toThrow(refused);
    // Control: a longer one, and another condition after them; and all of it before there is a schedule.
    await change(study, washed(30).replace("\nreading:", `${sized}\nreading:`));
    for (const [changedSource] of changes) {
      const { study: empty } = await byImage();
      await change(empty, changedSource);
    }
  });

  test("of one image in two cases the database takes one read, and an import names the row", async () => {
    const { study, number } = await byImage();
    const { actor } = await studyAsCommandLine(study.slug);
    await importReads(actor, axial(number));
    // As a study may stand that changed its unit before that was refused.
    await admin`
      with later as (
        insert into protocol_version (study_id, version, sha256, document, source, reason, created_by)
        select study_id, 'later', repeat('0', 64), jsonb_set(document, '{reading,case}', '"node"'), source, 'By node', created_by
          from protocol_version where study_id = ${study.studyId} returning id)
      update study set protocol_version_id = later.id from later where study.id = ${study.studyId}`;
    await expect(importReads(actor, whole(number))).rejects.toMatchObject({
      problems: [expect.stringMatching(/^row 2: R2 has read an image of .* in cohort-1 .* in another case/)],
    });
    const store = (reader: string) =>
      door.withActor(actor, async (tx) => {
        const crops = await tx.execute<{ id: string }>(sql`select id from crop order by plane`);
        const [made] = await makeCases(tx, [crops.map(({ id }) => id)]);
        await tx.execute(sql`
          insert into read (study_id, case_id, reader_code, condition_key, criteria, call, protocol_version_id, source, idempotency_key)
          select id, ${made}::uuid, ${reader}, 'cohort-1', '{}', 'positive', protocol_version_id, 'imported', gen_random_uuid() from study where id = ${study.studyId}`);
      });
    await expect(store("R2")).rejects.toMatchObject({ constraint: "image_is_read" });
    await store("R3");
  });
});

describe("a case", () => {
  let study: MadeStudy;
  beforeAll(async () => {
    ({ study } = await studyByNode());
  });

  test("is the same for the same images, in whatever order, and holds images of one node of its study", async () => {
    const { study: other } = await studyByNode();
    const { actor } = await studyAsCommandLine(study.slug);
    const { actor: otherActor } = await studyAsCommandLine(other.slug);
    const cropsOf = (as: typeof actor) =>
      door.withActor(as, (tx) =>
        tx.execute<{ id: string; node_id: string }>(sql`select id, node_id from crop order by node_id, plane`),
      );
    const crops = await cropsOf(actor);
    const ids = crops.filter(({ node_id }) => node_id === crops[0]?.node_id).map(({ id }) => id);
    const [first = "", ...rest] = ids;
    const foreignNode = crops.find(({ node_id }) => node_id !== crops[0]?.node_id)?.id ?? "";
    const foreignStudy = (await cropsOf(otherActor))[0]?.id ?? "";
    const make = (...sets: string[][]) => door.withActor(actor, (tx) => makeCases(tx, sets));

    const [one, all, turned] = await make([first], ids, [...rest, first]);
    expect(one).toBe(first);
    expect(turned).toBe(all);
    expect(all).not.toBe(one);
    expect(await make(ids)).toEqual([all]);
    for (const wrong of [[], [first, first], [first, foreignNode], [foreignStudy]])
      await expect(make(wrong)).rejects.toMatchObject({ code: "NW007", constraint: "made_up_case" });
  });
});
