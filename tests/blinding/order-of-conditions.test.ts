import { readFile } from "node:fs/promises";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import sharp, { type Sharp } from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { drawNode } from "@/core/phantom/node";
import type { Tx } from "@/db/actor";
import type { SubmitRead } from "@/server/schemas/reading";
import { addCrop } from "@/server/services/imaging/add-crop";
import { addNode } from "@/server/services/imaging/add-node";
import { decodeCrop } from "@/server/services/imaging/decode-crop";
import { excludeNode } from "@/server/services/imaging/exclude-node";
import { importReads } from "@/server/services/import/import-reads";
import { lockStudy } from "@/server/services/lock/lock-study";
import { closeReading } from "@/server/services/reading/close-reading";
import { myLists } from "@/server/services/reading/my-lists";
import { openCase } from "@/server/services/reading/open-case";
import { submitRead } from "@/server/services/reading/submit-read";
import { addProtocolVersion } from "@/server/services/study/add-protocol-version";
import { parseProtocol } from "@/server/services/study/parse-protocol";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { store } from "@/server/store";
import { freshDatabase } from "../support/database";
import { addPatient, draw, type MadeStudy, makeStudy, readCases, readOf } from "../support/study";

/*
 * Whoever changes the protocol while cases are read, on the page or by SQL: what hides the size is read before what shows it, and after its wash-out. Two locks: a version that would turn the
 * order is refused; and where one stands all the same, the lists wait as if it did not.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const base = (await shippedProtocol("demonstration")).source.replace(/ {2}primary: .*\n/, "");
const version = (name: string, conditions: readonly string[]) =>
  base
    .replace('version: "1.2"', `version: "${name}"`)
    .replace(/conditions:\n( {2}- .*\n)+/, `conditions:\n${conditions.map((each) => `  - ${each}\n`).join("")}`);
const condition = (key: string, shows: string, washOutDays: number, more = "") =>
  `{ key: ${key}, label: ${key}, shows: [${shows}], washOutDays: ${washOutDays}${more} }`;
const hidden = (key: string, washOutDays = 0, more = "") => condition(key, "", washOutDays, more);
const sized = (key: string, washOutDays = 0, more = "") => condition(key, "size", washOutDays, more);

/** A study of so many nodes of one image, with its lists drawn. */
async function drawn(conditions: readonly string[], nodes = 2) {
  const study = await makeStudy({ door, ownerUrl: database.owner, source: version("1.2", conditions) });
  const ids = [];
  for (let i = 0; i < nodes; i++) {
    const patient = { name: `P${i}`, shortAxisMm: 5.5 + 3 * i, positive: true, seed: i + 1 };
    ids.push((await addPatient(door, study, { ...patient, only: ["axial"] })).nodeId);
  }
  await draw(door, study);
  return { study, nodes: ids };
}

const change = ({ members: { principal_investigator: pi } }: MadeStudy, name: string, conditions: readonly string[]) =>
  door.withActor(pi, (tx) => addProtocolVersion(tx, pi, { source: version(name, conditions), reason: "More to read" }));

/** The same without the service, as whoever may name another version. */
const changeBySql = (
  { studyId, members: { principal_investigator: pi } }: MadeStudy,
  name: string,
  conditions: readonly string[],
) =>
  door
    .withActor(pi, async (tx) => {
      const { document, sha256 } = parseProtocol(version(name, conditions));
      const [row] = await tx.execute<{ id: string }>(sql`
        insert into protocol_version (study_id, version, sha256, document, source)
        values (${studyId}, ${name}, ${sha256}, ${JSON.stringify(document)}::jsonb, 'x') returning id`);
      await tx.execute(sql`update study set protocol_version_id = ${row?.id}`);
    })
    .then(
      () => "done",
      (error: { constraint?: string; code?: string }) => error.constraint ?? error.code,
    );

/** As a study may stand whose protocol was changed before that was refused. */
async function stands(study: MadeStudy, conditions: readonly string[]) {
  const { document, sha256 } = parseProtocol(version("2.0", conditions));
  await admin`
    with later as (
      insert into protocol_version (study_id, version, sha256, document, source, reason, created_by)
      select id, '2.0', ${sha256}, ${admin.json(document as never)}, 'x', 'Before it was refused', created_by from study where id = ${study.studyId} returning id)
    update study set protocol_version_id = later.id from later where study.id = ${study.studyId}`;
}

const importRows = ({ members: { principal_investigator: pi } }: MadeStudy, ...rows: readonly string[]) =>
  importReads(
    { ...pi, role: "importer" },
    { reads: Buffer.from(["reader,condition,subject,node,plane,call,confidence", ...rows].join("\n")) },
  );

/** What R2 is shown in turn, to the end: condition, and the size where it is shown. */
const walked = async ({ members: { reader } }: MadeStudy) =>
  (await readCases(door, reader, 99)).map(({ condition: { key }, shortAxisMm }) =>
    shortAxisMm === undefined ? key : `${key} ${shortAxisMm}`,
  );

const lists = async ({ members: { reader } }: MadeStudy) =>
  (await door.withActor(reader, (tx) => myLists(tx, reader))).map(
    ({ condition: { key }, state, done, total }) => `${key} ${state} ${done}/${total}`,
  );

/** Another image of a node, that comes late. */
async function addLate({ members: { locating_radiologist: radiologist } }: MadeStudy, nodeId: string | undefined) {
  const pixels = drawNode({ seed: 1, plane: "coronal", positive: true, shortAxisMm: 5.5 });
  const bytes = await sharp(pixels.pixels, { raw: { width: pixels.width, height: pixels.height, channels: 1 } })
    .png()
    .toBuffer();
  const { image, files } = await decodeCrop({ name: "late.png", bytes });
  const stored = await Promise.all(files.map((file) => store.put(file.bytes)));
  await door.withActor(radiologist, (tx) =>
    addCrop(tx, radiologist, { nodeId: nodeId ?? "", plane: "coronal", replaces: null, image, files: stored }),
  );
}

describe("a version of the protocol, once cases are scheduled", () => {
  test("keeps the conditions in use, as they are and in their order, and has none before them that did not stand there", async () => {
    const first = [hidden("h"), sized("s", 14)];
    const { study } = await drawn(first, 1);
    const refused: [name: string, conditions: string[], said: RegExp][] = [
      [
        "without h",
        [sized("s", 14)],
        /conditions: h is scheduled or read already, and is missing.*put a new condition after it/,
      ],
      ["without s", [hidden("h")], /conditions: s is scheduled or read already, and is missing/],
      [
        "hidden in front",
        [hidden("n"), ...first],
        /conditions: h is scheduled.*n did not come before it.*put n after it/,
      ],
      ["sized in front", [sized("n"), ...first], /conditions: h is scheduled.*n did not come before it/],
      ["between", [hidden("h"), hidden("n"), sized("s", 14)], /conditions: s is scheduled.*n did not come before it/],
      ["turned", [sized("s", 14), hidden("h")], /conditions: h is scheduled.*s did not come before it/],
      ["in place of h", [hidden("n"), sized("s", 14)], /conditions: h is scheduled or read already, and is missing/],
      ["by another modality", [hidden("h", 0, ", modality: SFM"), sized("s", 14)], /conditions\.h\.modality/],
      ["sooner", [hidden("h"), sized("s", 13)], /conditions\.s\.washOutDays/],
      ["hiding", [hidden("h"), hidden("s", 14)], /conditions\.s\.shows/],
    ];
    for (const [name, conditions, said] of refused) {
      await expect(change(study, name, conditions), name).rejects.toMatchObject({
        message: expect.stringMatching(said),
      });
      expect(await changeBySql(study, name, conditions), name).toBe("reading_in_use");
    }
    // Control: what comes after them, a longer wash-out, and what is drawn for none comes and goes.
    await change(study, "one more", [...first, hidden("again", 28, ", repeats: h")]);
    await change(study, "longer", [hidden("h"), sized("s", 28), sized("t")]);
    expect(await changeBySql(study, "other", [hidden("h"), sized("s", 28), hidden("u"), sized("t")])).toBe("done");
    await draw(door, study);
    await expect(change(study, "without u", [hidden("h"), sized("s", 28), sized("t")])).rejects.toThrow(
      /u is scheduled/,
    );
  });

  test("puts back a condition that was taken out when that was possible as it was read, or not at all", async () => {
    const { study } = await drawn([hidden("h"), hidden("m")], 1);
    await stands(study, [hidden("h")]);
    expect(await changeBySql(study, "modality", [hidden("h"), hidden("m", 0, ", modality: SFM")])).toBe(
      "reading_in_use",
    );
    expect(await changeBySql(study, "in front", [hidden("m"), hidden("h")])).toBe("reading_in_use");
    expect(await changeBySql(study, "still without", [hidden("h"), sized("z")])).toBe("done");
    expect(await changeBySql(study, "back", [hidden("h"), hidden("m")])).toBe("done");
  });
});

describe("where an earlier version of the program let the protocol be turned round", () => {
  test("a list that shows the size waits for those that hide it, of conditions that were taken out, too", async () => {
    const { study } = await drawn([hidden("x"), hidden("y"), hidden("h")]);
    await stands(study, [hidden("h"), sized("s")]);
    await draw(door, study);
    expect((await lists(study)).toSorted()).toEqual(["h waiting 0/2", "s waiting 0/2", "x open 0/2", "y waiting 0/2"]);
    await readCases(door, study.members.reader, 4);
    expect((await lists(study)).toSorted()).toEqual([
      "h open 0/2",
      "s waiting 0/2",
      "x complete 2/2",
      "y complete 2/2",
    ]);
    const shown = await walked(study);
    expect(shown.slice(0, 2)).toEqual(["h", "h"]);
    expect(shown.slice(2).toSorted()).toEqual(["s 5.5", "s 8.5"]);
  });

  test("and while the wash-out of one that hides runs, none that shows it is open", async () => {
    const { study } = await drawn([hidden("x"), hidden("h", 14)]);
    await stands(study, [hidden("h", 14), sized("s")]);
    await draw(door, study);
    await readCases(door, study.members.reader, 2);
    expect((await lists(study)).toSorted()).toEqual(["h wash-out 0/2", "s waiting 0/2", "x complete 2/2"]);
    expect(await openCase(study.members.reader)).toBeNull();
  });

  test("an image that comes late is read in each condition that hides the size before any that shows it", async () => {
    const { study, nodes } = await drawn([hidden("h"), sized("s")], 1);
    await stands(study, [hidden("n"), hidden("h"), sized("s")]);
    await addLate(study, nodes[0]);
    await draw(door, study);
    const shown = await walked(study);
    expect(shown).toHaveLength(6);
    expect(shown).toEqual(["n", "n", "h", "h", "s 5.5", "s 5.5"]);
  });

  test("and so where the order of both was turned", async () => {
    const { study } = await drawn([hidden("h"), sized("s")], 1);
    await stands(study, [sized("s"), hidden("h")]);
    expect(await walked(study)).toEqual(["h", "s 5.5"]);
  });

  test("a wash-out counts from what was read in conditions that were taken out", async () => {
    for (const first of [hidden("c1"), sized("c1")]) {
      const { study } = await drawn([first]);
      await readCases(door, study.members.reader, first === hidden("c1") ? 2 : 1);
      await stands(study, [sized("c2", 28)]);
      await draw(door, study);
      expect(await lists(study), first).toContain("c2 wash-out 0/2");
      const [list] = await door.withActor(study.members.reader, (tx) =>
        tx.execute(
          sql`select opens_at between now() + interval '27 days' and now() + interval '28 days' as later from nw.my_lists() where condition_key = 'c2'`,
        ),
      );
      expect(list, first).toEqual({ later: true });
      expect(await openCase(study.members.reader), first).toBeNull();
    }
  });

  test("control: a condition that the protocol puts after those that show the size, though it hides it, is read after them", async () => {
    const { study } = await drawn([hidden("h"), sized("s"), hidden("again", 0, ", repeats: h")], 1);
    expect(await walked(study)).toEqual(["h", "s 5.5", "again"]);
    // Also where it came with a later version.
    const { study: later } = await drawn([hidden("h"), sized("s")], 1);
    await change(later, "2.0", [hidden("h"), sized("s"), hidden("again", 0, ", repeats: h")]);
    await draw(door, later);
    expect(await walked(later)).toEqual(["h", "s 5.5", "again"]);
  });
});

describe("the wash-out of a list that was drawn before", () => {
  test("is the longer one of a version that came since; and what is said of it afterwards is what was kept for every list", async () => {
    const { study } = await drawn([hidden("h"), sized("s", 7)], 1);
    await change(study, "2.0", [hidden("h"), sized("s", 28)]);
    await readCases(door, study.members.reader, 1);
    const [list] = await door.withActor(study.members.reader, (tx) =>
      tx.execute(
        sql`select state, wash_out_days::int as days, opens_at > now() + interval '27 days' as late from nw.my_lists() where condition_key = 's'`,
      ),
    );
    expect(list).toEqual({ state: "wash-out", days: 28, late: true });
    expect(await openCase(study.members.reader)).toBeNull();

    const investigator = study.members.principal_investigator;
    const kept = () => door.withActor(investigator, (tx) => tx.execute(sql`select * from nw.wash_outs_kept()`));
    expect(await kept(), "before the lock").toEqual([]);
    await door.withActor(investigator, (tx) => lockStudy(tx, investigator, { reason: "Enough" }));
    expect((await kept()).map((row) => [row.condition_key, Number(row.days)]).toSorted()).toEqual([
      ["h", 0],
      ["s", 7],
    ]);
  });

  test("counts from reads that were made elsewhere and imported; control: not for a reader without any", async () => {
    const study = await makeStudy({
      door,
      ownerUrl: database.owner,
      source: version("1.2", [hidden("h"), sized("s", 28)]),
    });
    const patient = await addPatient(door, study, {
      name: "P1",
      shortAxisMm: 5.5,
      positive: true,
      seed: 1,
      only: ["axial"],
    });
    await importRows(study, `R2,h,${patient.number},N1,axial,negative,70`);
    await draw(door, study);
    expect(await lists(study)).toEqual(["s wash-out 0/1"]);
    expect(await openCase(study.members.reader)).toBeNull();
    const other = { members: { ...study.members, reader: study.members.reader2 } } as MadeStudy;
    expect(await lists(other)).toEqual(["h open 0/1", "s waiting 0/1"]);
  });

  test("counts from what was last shown of lists that were closed before they were read", async () => {
    const { study } = await drawn([hidden("h"), sized("s", 28)], 1);
    const { reader, coordinator } = study.members;
    expect(await openCase(reader)).not.toBeNull();
    await door.withActor(coordinator, (tx) => closeReading(tx, coordinator, { readerCode: "R2", reason: "Left" }));
    const [list] = await door.withActor(reader, (tx) =>
      tx.execute(
        sql`select opens_at > now() + interval '27 days' as counted from nw.my_lists() where condition_key = 's'`,
      ),
    );
    expect(list).toEqual({ counted: true });
  });

  test("counts until these were closed, or their last case left, however long ago it was shown first; control: not where all was read before", async () => {
    const opens = async ({ members: { reader } }: MadeStudy) => {
      const [list] = await door.withActor(reader, (tx) =>
        tx.execute(
          sql`select state, round(extract(epoch from opens_at - now()) / 86400)::int as days from nw.my_lists() where condition_key = 's'`,
        ),
      );
      return list;
    };
    const daysAgo = (study: MadeStudy, days: number) =>
      admin.begin(async (run) => {
        await run`set local session_replication_role = replica`;
        for (const [table, column] of [
          ["reading_view", "first_shown_at"],
          ["reading_progress", "submitted_at"],
        ] as const)
          await run`update ${run(table)} set ${run(column)} = now() - ${days} * interval '1 day' where study_id = ${study.studyId}`;
      });
    const begun = async () => {
      const { study } = await drawn([hidden("h"), sized("s", 28)]);
      await readCases(door, study.members.reader, 1);
      await openCase(study.members.reader);
      await daysAgo(study, 27);
      // Looked at once more, of which nothing is noted.
      const inHand = await openCase(study.members.reader);
      return { study, slotId: inHand?.slotId ?? "" };
    };

    const closed = await begun();
    const { coordinator } = closed.study.members;
    await door.withActor(coordinator, (tx) => closeReading(tx, coordinator, { readerCode: "R2", reason: "Left" }));
    expect(await opens(closed.study)).toEqual({ state: "complete", days: 28 });

    const left = await begun();
    const { locating_radiologist: radiologist } = left.study.members;
    const [node] = await admin`
      select k.node_id from reading_slot s join reading_case k on k.id = s.case_id where s.id = ${left.slotId}`;
    await door.withActor(radiologist, (tx) => excludeNode(tx, radiologist, { nodeId: node?.node_id, reason: "Wrong" }));
    expect(await opens(left.study)).toEqual({ state: "wash-out", days: 28 });

    const { study: whole, nodes } = await drawn([hidden("h"), sized("s", 28)]);
    await readCases(door, whole.members.reader, 2);
    await daysAgo(whole, 27);
    const other = whole.members.locating_radiologist;
    await door.withActor(other, (tx) => excludeNode(tx, other, { nodeId: nodes[0] ?? "", reason: "Wrong" }));
    expect(await opens(whole)).toEqual({ state: "wash-out", days: 1 });
  });

  test("counts until another list took its place before one that was begun: until then its cases could be looked at", async () => {
    const { study, nodes } = await drawn([hidden("h"), sized("s")], 2);
    const { reader } = study.members;
    await readCases(door, reader, 1);
    await admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      await run`update reading_progress set submitted_at = now() - interval '40 days' where study_id = ${study.studyId}`;
      await run`update reading_view set first_shown_at = now() - interval '40 days' where study_id = ${study.studyId}`;
      await run`update reading_list set drawn_at = now() - interval '41 days' where study_id = ${study.studyId}`;
    });
    // The read of forty days ago is looked at again today, of which nothing is noted.
    expect(await openCase(reader, "previous")).not.toBeNull();
    await stands(study, [hidden("n", 28), hidden("h"), sized("s")]);
    await draw(door, study);
    expect((await lists(study)).toSorted()).toEqual(["h waiting 1/2", "n wash-out 0/2", "s waiting 0/2"]);
    expect(await openCase(reader)).toBeNull();
    expect(nodes).toHaveLength(2);

    // Control: who had begun nothing opens it at once.
    const other = { members: { ...study.members, reader: study.members.reader2 } } as MadeStudy;
    expect((await lists(other)).toSorted()).toContain("n open 0/2");
  });
});

describe("a picture that was seen with its size", () => {
  const picture = async (
    study: MadeStudy,
    nodeId: string,
    save = (drawing: Sharp) => drawing.png(),
    { seed = 1, replace = false } = {},
  ) => {
    const { locating_radiologist: radiologist } = study.members;
    const { pixels, width, height } = drawNode({ seed, plane: "axial", positive: true, shortAxisMm: 5.5 });
    const bytes = await save(sharp(pixels, { raw: { width, height, channels: 1 } })).toBuffer();
    const { image, files } = await decodeCrop({ name: "again.png", bytes });
    const stored = await Promise.all(files.map((file) => store.put(file.bytes)));
    const [before] = replace
      ? await admin`select id from crop where node_id = ${nodeId} and superseded_at is null`
      : [];
    await door.withActor(radiologist, (tx) =>
      addCrop(tx, radiologist, { nodeId, plane: "axial", replaces: before?.id ?? null, image, files: stored }),
    );
  };

  test("is drawn for that reader no more where it is hidden, entered again under another node; control: for who saw no size it is", async () => {
    const { study, nodes } = await drawn([hidden("h"), sized("s")]);
    const { reader, locating_radiologist: radiologist } = study.members;
    expect(await walked(study)).toHaveLength(4);
    const [nodeId = ""] = nodes;
    await door.withActor(radiologist, (tx) => excludeNode(tx, radiologist, { nodeId, reason: "The wrong region" }));
    const [patient] =
      await admin`select s.number from subject s join node n on n.subject_id = s.id where n.id = ${nodeId}`;
    const again = await door.withActor(radiologist, (tx) =>
      addNode(tx, radiologist, { number: patient?.number, region: "mesorectal", shortAxisMm: 5.5 }),
    );
    await picture(study, again.nodeId);
    expect(await draw(door, study)).toMatchObject({ tooLate: [{ readerCode: "R2", cases: 1 }] });
    expect(await lists(study)).toEqual(["h complete 2/2", "s complete 2/2"]);
    expect(await openCase(reader)).toBeNull();
    const other = { members: { ...study.members, reader: study.members.reader2 } } as MadeStudy;
    expect((await walked(other)).toSorted()).toEqual(["h", "h", "s 5.5", "s 8.5"]);
  });

  test("and so is one that is nearly the same, of another site, or brought at the same time; control: once it was replaced by another", async () => {
    const ofSite = (study: MadeStudy, siteId: string): MadeStudy => {
      const { coordinator, locating_radiologist } = study.members;
      const here = {
        coordinator: { ...coordinator, siteId },
        locating_radiologist: { ...locating_radiologist, siteId },
      };
      return { ...study, members: { ...study.members, ...here } };
    };
    const { study } = await drawn([hidden("h"), sized("s")]);
    const [elsewhere] = await admin`insert into site (study_id, name) values (${study.studyId}, 'Site B') returning id`;
    await readCases(door, study.members.reader, 3);
    const there = ofSite(study, elsewhere?.id);
    const node = async (seed: number) => {
      const patient = { name: `B${seed}`, shortAxisMm: 5.5, positive: true, seed: 20 + seed };
      return addPatient(door, there, { ...patient, only: [] });
    };
    const [one, two, other] = [await node(1), await node(2), await node(3)];
    const { locating_radiologist: radiologist } = there.members;
    expect(
      await door.withActor(radiologist, (tx) => tx.execute(sql`select id from crop`)),
      "the radiologist of B sees none",
    ).toEqual([]);
    const nearly = (seed: number) => (drawing: Sharp) => drawing.jpeg({ quality: 92 - seed });
    await picture(there, one.nodeId, nearly(1));
    await picture(there, other.nodeId, nearly(2));
    await picture(there, other.nodeId, undefined, { seed: 77, replace: true });
    expect(await draw(door, study)).toMatchObject({ tooLate: [{ readerCode: "R2", cases: 1 }] });
    // Two that nobody has yet, sent at once: the later sees the earlier.
    const [late] = [await node(4)];
    await Promise.all([
      picture(there, two.nodeId, undefined, { seed: 55 }),
      picture(there, late.nodeId, nearly(3), { seed: 55 }),
    ]);
    const [pairs] = await admin`
      select count(*)::int as pairs from alike_crops x join crop a on a.id = x.crop_id join crop b on b.id = x.other_id
       where a.node_id in ${admin([two.nodeId, late.nodeId])} and b.node_id in ${admin([two.nodeId, late.nodeId])}`;
    expect(pairs).toEqual({ pairs: 1 });
  });
});

describe("what a reader has left", () => {
  const close = (study: MadeStudy, where: string) =>
    door
      .withActor(study.members.coordinator, (tx) =>
        tx.execute(sql`insert into reading_closure (list_id, study_id, reason) select id, study_id, 'Left' from reading_list
          where membership_id = ${study.members.reader.membershipId}::uuid ${sql.raw(where)}`),
      )
      .then(
        () => "done",
        (error: { constraint?: string }) => error.constraint,
      );
  const noted = (study: MadeStudy) =>
    admin`select entity_id, reason, detail from audit_event where study_id = ${study.studyId} and action = 'reading.closed'`;

  test("is closed as a whole or not at all, by SQL too, and the database notes it", async () => {
    const { study } = await drawn([hidden("h"), sized("s")]);
    await readCases(door, study.members.reader, 1);
    expect(await close(study, "and condition_key = 'h'")).toBe("closed_in_part");
    expect(await lists(study)).toEqual(["h open 1/2", "s waiting 0/2"]);
    expect(await noted(study)).toEqual([]);
    expect(await close(study, "")).toBe("done");
    expect(await lists(study)).toEqual(["h complete 1/1", "s complete 0/0"]);
    expect(await noted(study)).toEqual([{ entity_id: "R2", reason: "Left", detail: { reads: 3 } }]);
  });

  test("is read here: a read of it from elsewhere is refused by its row, by SQL too; control: of another reader's it is taken", async () => {
    const { study } = await drawn([hidden("h"), sized("s")], 1);
    const row = "h,001,N1,axial,negative,70";
    await expect(importRows(study, `R2,${row}`)).rejects.toMatchObject({
      problems: [expect.stringMatching(/R2 has .* in h in the schedule and has not read it/)],
    });
    const [slot] = await admin`
      select s.case_id from reading_slot s join reading_list l on l.id = s.list_id where l.study_id = ${study.studyId} limit 1`;
    const bySql = (code: string) =>
      door
        .withActor({ ...study.members.principal_investigator, role: "importer" }, (tx) =>
          tx.execute(sql`insert into read (study_id, case_id, reader_code, condition_key, criteria, call, confidence, protocol_version_id, source, idempotency_key)
            select id, ${slot?.case_id}::uuid, ${code}, 'h', '{}', 'positive', 50, protocol_version_id, 'imported', gen_random_uuid() from study where id = ${study.studyId}`),
        )
        .then(
          () => "done",
          (error: { constraint?: string }) => error.constraint,
        );
    expect(await bySql("R2")).toBe("read_is_scheduled");
    expect(await bySql("r2"), "another way to write it").toBe("reader_code_as_in_roster");
    expect(await bySql("R7")).toBe("done");
    expect(await walked(study)).toEqual(["h", "s 5.5"]);
  });

  test("is not seen elsewhere with its size before; control: where it was closed such reads are taken", async () => {
    const { study } = await drawn([hidden("h")], 1);
    const { coordinator } = study.members;
    await change(study, "2.0", [hidden("h"), sized("s")]);
    const row = "s,001,N1,axial,negative,70";
    await door.withActor(coordinator, (tx) => closeReading(tx, coordinator, { readerCode: "R3", reason: "Elsewhere" }));
    await expect(importRows(study, `R2,${row}`)).rejects.toMatchObject({ constraint: "read_shown_more" });
    expect(await importRows(study, `R3,${row}`)).toMatchObject({ added: 1 });
    expect(await lists(study)).toEqual(["h open 0/1"]);
  });

  test("and was closed is read in no other condition, of a later version or of a schedule by SQL; control: what was read before is", async () => {
    const { study } = await drawn([hidden("h")], 2);
    const { reader, coordinator } = study.members;
    await readCases(door, reader, 1);
    expect(await close(study, "")).toBe("done");
    await change(study, "2.0", [hidden("h"), sized("s")]);
    await draw(door, study);
    expect(await lists(study)).toEqual(["h complete 1/1", "s open 0/1"]);

    const place = (which: "not exists" | "exists") =>
      door
        .withActor({ ...coordinator, role: "importer" }, (tx) =>
          tx.execute(sql`
            with list as (
              insert into reading_list (study_id, membership_id, protocol_version_id, condition_key, condition_ordinal, batch, shows, wash_out_days, seed, order_sha256)
              select id, ${reader.membershipId}, protocol_version_id, 't', 0, 9, '{}', 0, 1, 'x' from study returning id)
            insert into reading_slot (study_id, list_id, position, case_id)
            select ${study.studyId}, list.id, 1, s.case_id from list, reading_slot s join reading_list l on l.id = s.list_id and l.condition_key = 'h'
             where l.membership_id = ${reader.membershipId}::uuid and ${sql.raw(which)} (select from read r where r.slot_id = s.id)`),
        )
        .then(
          () => "done",
          (error: { constraint?: string }) => error.constraint,
        );
    await change(study, "3.0", [hidden("h"), sized("s"), sized("t")]);
    await readCases(door, reader, 1);
    expect(await place("not exists")).toBe("drawn_before_its_turn");
    expect(await place("exists")).toBe("done");
    expect((await walked(study))[0]).toMatch(/^t /);
  });

  test("and is closed by somebody who undoes it tells nobody what was read; control: once it stands closed", async () => {
    const { study } = await drawn([hidden("h"), sized("s")]);
    const { reader, coordinator } = study.members;
    await change(study, "2.0", [hidden("h"), sized("s"), sized("t")]);
    await readCases(door, reader, 3);
    const lacking = async (closing: boolean) => {
      const told: number[] = [];
      await door
        .withActor(coordinator, async (tx) => {
          if (closing)
            await tx.execute(sql`insert into reading_closure (list_id, study_id, reason) select id, study_id, 'Left' from reading_list
              where membership_id = ${reader.membershipId}::uuid`);
          const rows = await tx.execute<{ cases: number; reader_code: string }>(
            sql`select * from nw.count_lacking('image', array['axial'], '{t}')`,
          );
          told.push(...rows.filter((row) => row.reader_code === "R2").map(({ cases }) => cases));
          throw new Error("undone");
        })
        .catch(() => undefined);
      return told;
    };
    expect(await lacking(false)).toEqual([2]);
    expect(await lacking(true)).toEqual([2]);
    expect(await close(study, "")).toBe("done");
    expect(await lacking(false)).toEqual([1]);
  });

  test("and is closed at this very moment is drawn for no later condition, nor counted for the lock; control: by a transaction that begins then", async () => {
    const { study } = await drawn([hidden("h"), sized("s")]);
    await change(study, "2.0", [hidden("h"), sized("s"), sized("t")]);
    const { reader, coordinator, principal_investigator: pi } = study.members;
    const closing = (tx: Tx) => closeReading(tx, coordinator, { readerCode: "R2", reason: "Left" });
    const drawing = (tx: Tx) =>
      tx.execute<{ cases: number }>(sql`select nw.draw_list(${reader.membershipId}::uuid, 't') as cases`);
    const refused = { constraint: "closed_meanwhile" };
    await expect(
      door.withActor(coordinator, async (tx) => {
        await closing(tx);
        await drawing(tx);
      }),
    ).rejects.toMatchObject(refused);
    await expect(
      door.withActor(pi, async (tx) => {
        await closeReading(tx, pi, { readerCode: "R2", reason: "Left" });
        await tx.execute(sql`select nw.lock_study('Enough')`);
      }),
    ).rejects.toMatchObject(refused);
    await expect(
      door.withActor(pi, async (tx) => {
        await tx.execute(sql`select now()`);
        await door.withActor(coordinator, closing);
        await drawing(tx);
      }),
    ).rejects.toMatchObject(refused);
    expect([...(await door.withActor(pi, drawing))], "control").toEqual([{ cases: 0 }]);
    expect(await lists(study)).toEqual(["h complete 0/0", "s complete 0/0"]);
    await door.withActor(pi, (tx) => tx.execute(sql`select nw.lock_study('Enough')`));
    const [lock] = await admin`select counts from study_lock where study_id = ${study.studyId}`;
    expect(lock?.counts).toMatchObject({ readsScheduled: 4, readsSubmitted: 0 });
  });

  test("is closed for a read that began before, too; control: as long as it is not closed that is taken", async () => {
    for (const closes of [false, true]) {
      const { study } = await drawn([hidden("h"), sized("s")]);
      const { reader } = study.members;
      const slotId = (await openCase(reader))?.slotId ?? "";
      const read = door.withActor(reader, async (tx) => {
        await tx.execute(sql`select now()`);
        if (closes) expect(await close(study, "")).toBe("done");
        await submitRead(tx, reader, readOf(slotId));
      });
      if (closes) await expect(read).rejects.toMatchObject({ constraint: "not_the_case_being_read" });
      else await read;
    }
  });

  test("and was imported before that was refused counts as done: the reader goes on with the others, and corrects none of these", async () => {
    const { study } = await drawn([hidden("h"), sized("s")]);
    const { reader } = study.members;
    const stuck = await openCase(reader);
    await admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      await run`insert into read (study_id, case_id, reader_code, condition_key, criteria, call, confidence, protocol_version_id, source, idempotency_key)
        select s.study_id, s.case_id, 'R2', 'h', '{}', 'positive', 50, t.protocol_version_id, 'imported', gen_random_uuid()
          from reading_slot s join study t on t.id = s.study_id where s.id = ${stuck?.slotId ?? ""}`;
    });
    await expect(
      door.withActor(reader, (tx) => submitRead(tx, reader, readOf(stuck?.slotId ?? ""))),
    ).rejects.toMatchObject({ constraint: "read_first" });
    const migration = await readFile("db/migrations/0032_reads_from_elsewhere.sql", "utf8");
    await admin.begin((run) => run.unsafe(migration));
    expect(await lists(study)).toEqual(["h open 1/2", "s waiting 0/2"]);
    const [previous] = await door.withActor(reader, (tx) => tx.execute(sql`select nw.open_case('previous') as there`));
    expect(previous).toEqual({ there: false });
    expect(await walked(study)).toHaveLength(3);
  });
});

describe("an answer that was lost on its way", () => {
  const submitted = (study: MadeStudy, read: SubmitRead) => {
    const { reader } = study.members;
    return door.withActor(reader, (tx) => submitRead(tx, reader, read));
  };

  test("to the last read of a list, sent again, opens no other list; control: to another read it leads on", async () => {
    const { study } = await drawn([hidden("h"), sized("s")]);
    const one = readOf((await openCase(study.members.reader))?.slotId ?? "");
    for (const turn of ["sent", "sent again"]) expect(await submitted(study, one), turn).toEqual({ listDone: false });
    const two = readOf((await openCase(study.members.reader))?.slotId ?? "");
    for (const turn of ["sent", "sent again"]) expect(await submitted(study, two), turn).toEqual({ listDone: true });

    // Nor where another list has its turn meanwhile, because of a node that came late.
    const three = readOf((await openCase(study.members.reader))?.slotId ?? "");
    expect(await submitted(study, three)).toEqual({ listDone: false });
    await addPatient(door, study, {
      ...{ name: "Late", shortAxisMm: 7, positive: false, seed: 9 },
      only: ["axial"],
    });
    await draw(door, study);
    expect((await openCase(study.members.reader))?.condition.key).toBe("h");
    expect(await submitted(study, three), "sent again").toEqual({ listDone: true });
  });
});

test("of the cases that were read a reader is not told which left the study; control: of the one in hand it is said", async () => {
  const { study, nodes } = await drawn([hidden("h"), sized("s")], 4);
  const { reader, locating_radiologist: radiologist } = study.members;
  const read = [];
  for (let i = 0; i < 2; i++) {
    read.push(...(await readCases(door, reader, 1)));
    // Each is shown again, as if to be corrected, before the next one is read.
    await door.withActor(reader, (tx) => tx.execute(sql`select nw.open_case('previous')`));
  }
  read.push(...(await readCases(door, reader, 1)));
  const inHand = await openCase(reader);
  for (const nodeId of nodes)
    await door.withActor(radiologist, (tx) => excludeNode(tx, radiologist, { nodeId, reason: "All of them" }));
  const refusalOf = (slotId: string) =>
    door
      .withActor(reader, (tx) => submitRead(tx, reader, readOf(slotId)))
      .then(
        () => "taken",
        (error: { constraint?: string }) => error.constraint,
      );
  for (const { slotId } of read) expect(await refusalOf(slotId)).toBe("not_the_case_being_read");
  expect(await refusalOf(inHand?.slotId ?? "")).toBe("case_left_study");
});

describe("the form of a study whose cases are scheduled", () => {
  const conditions = [hidden("h"), sized("s")];
  const changed = (from: string | RegExp, to: string) => (source: string) => {
    expect(source).toMatch(from);
    return source.replace(from, to);
  };
  const criterion = / {2}criteria:\n((?: {4}- .*\n)+)/;

  test("keeps what one read answers, by SQL too; control: a criterion is called otherwise", async () => {
    const { study } = await drawn(conditions, 1);
    const { principal_investigator: pi } = study.members;
    const source = version("2.0", conditions);
    const labels = [...(criterion.exec(source)?.[1] ?? "").matchAll(/key: (\w+)/g)].map(([, key]) => key);
    expect(labels.length).toBeGreaterThan(1);
    const [key = ""] = labels;
    const change = (edit: (text: string) => string) =>
      door.withActor(pi, (tx) => addProtocolVersion(tx, pi, { source: edit(source), reason: "Another form" }));
    const bySql = (edit: (text: string) => string) =>
      door
        .withActor(pi, async (tx) => {
          const { document, sha256 } = parseProtocol(edit(source));
          const [row] = await tx.execute<{ id: string }>(sql`
            insert into protocol_version (study_id, version, sha256, document, source)
            values (${study.studyId}, '2.0', ${sha256}, ${JSON.stringify(document)}::jsonb, 'x') returning id`);
          await tx.execute(sql`update study set protocol_version_id = ${row?.id}`);
        })
        .then(
          () => "done",
          (error: { constraint?: string }) => error.constraint,
        );
    const other = changed(new RegExp(`key: ${key}\\b`), "key: another");
    await expect(change(other)).rejects.toThrow(/form\.criteria: cases are scheduled or read already by this form/);
    expect(await bySql(other)).toBe("reading_in_use");
    const rated = changed(
      / {2}confidence: .*\n/,
      "  rating: { min: 1, max: 5, step: 1, low: { en: benign, zh: 良性 }, high: { en: malignant, zh: 恶性 } }\n",
    );
    await expect(change(rated)).rejects.toThrow(/form\.rating: cases are scheduled or read already by this form/);
    expect(await bySql(rated)).toBe("reading_in_use");
    await change(changed(new RegExp(`(key: ${key}, label: \\{ en: )[^,]+`), "$1Called otherwise"));
  });
});

test("a study whose plan asks more of the reads than there is stays open until it does not; control: calls as given", async () => {
  const { study } = await drawn([hidden("h")], 1);
  const { principal_investigator: pi } = study.members;
  const source = version("2.0", [hidden("h")]);
  const ruled = (name: string, text: string) =>
    text.replace('version: "2.0"', `version: "${name}"`).replace(/^analysis:\n/m, "analysis:\n  ruleSet: esgar-2016\n");
  const change = (text: string) =>
    door.withActor(pi, (tx) => addProtocolVersion(tx, pi, { source: text, reason: "Planned" }));
  await change(ruled("2.0", source));
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`insert into read (study_id, case_id, reader_code, condition_key, criteria, call, confidence, protocol_version_id, source, idempotency_key)
      select s.study_id, s.case_id, 'R9', 'h', '{}', 'positive', 50, t.protocol_version_id, 'imported', gen_random_uuid()
        from reading_slot s join study t on t.id = s.study_id where s.study_id = ${study.studyId} limit 1`;
  });
  const lock = () => door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Enough" }));
  await expect(lock()).rejects.toThrow(/some reads have not all criteria/);
  // As a plan may stand from before it was refused: no criteria, and a rule set that judges by them.
  const criteriaAre = (value: string) =>
    admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      await run`update protocol_version set document = jsonb_set(document, '{form,criteria}', ${value}::text::jsonb)
        where id = (select protocol_version_id from study where id = ${study.studyId})`;
    });
  await criteriaAre("[]");
  await expect(lock()).rejects.toThrow(/some reads have not all criteria/);
  await criteriaAre(JSON.stringify(parseProtocol(source).document.form.criteria));
  await change(source.replace('version: "2.0"', 'version: "3.0"'));
  await lock();
});
