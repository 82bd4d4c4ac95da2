import { randomUUID } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, describe, expect, test } from "vitest";
import { adjacent } from "@/core/reading/designs/order";
import type { Actor, Tx } from "@/db/actor";
import { createCaller } from "@/server/api/root";
import { drawSchedules } from "@/server/services/reading/draw-schedules";
import { drawnOrder } from "@/server/services/reading/drawn-order";
import { listProgress } from "@/server/services/reading/list-progress";
import { openCase } from "@/server/services/reading/open-case";
import { addProtocolVersion } from "@/server/services/study/add-protocol-version";
import { canonicalJson } from "@/server/services/study/canonical-json";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { shippedProtocols } from "@/server/services/study/shipped-protocols";
import { sha256 as hashOf } from "@/server/sha256";
import { freshDatabase } from "../support/database";
import { addNamedCrop } from "../support/named-crop";
import { type Deed, outcomeOf, outcomesOfTwo } from "../support/outcome";
import { addPatient, draw, type MadeStudy, makeStudy, type planes, readCases } from "../support/study";

/*
 * Whoever draws schedules or changes the protocol, with raw SQL: what a reader is shown, and in which order, stays as the protocol said. Each refusal has its
 * control.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());
const outcome = outcomeOf(door);
const outcomes = outcomesOfTwo(door);

describe("a reading list", () => {
  test("shows what its condition of the protocol in force shows, and opens when it says, whatever is written", async () => {
    const drawn = await makeStudy({ door, ownerUrl: database.owner });
    const { principal_investigator: pi, reader, reader2 } = drawn.members;
    const importer: Actor = { ...pi, role: "importer" };
    await addPatient(door, drawn, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 });
    const list = (
      membershipId: string | null,
      condition: string,
      version = sql`(select protocol_version_id from study)`,
    ) => sql`
      insert into reading_list (study_id, membership_id, protocol_version_id, condition_key, condition_ordinal, shows, wash_out_days, seed, order_sha256)
      values (${drawn.studyId}, ${membershipId}, ${version}, ${condition}, 7, '{size}', 99, 1, 'x')`;
    expect(await outcome(importer, list(reader.membershipId, "cohort-1"))).toBe("done");
    expect(await outcome(importer, list(reader.membershipId, "cohort-2"))).toBe("done");
    expect(
      await admin`select condition_key, condition_ordinal, shows, wash_out_days::float8 as days from reading_list where study_id = ${drawn.studyId} order by 1`,
    ).toEqual([
      { condition_key: "cohort-1", condition_ordinal: 0, shows: [], days: 0 },
      { condition_key: "cohort-2", condition_ordinal: 1, shows: ["size"], days: 0 },
    ]);
    expect(await outcome(importer, list(reader2.membershipId, "cohort-3"))).toBe("NW007");
    const other = await makeStudy({ door, ownerUrl: database.owner });
    const [foreign] = await admin`select protocol_version_id as id from study where id = ${other.studyId}`;
    expect(await outcome(importer, list(reader2.membershipId, "cohort-1", sql`${foreign?.id}::uuid`))).toBe("23503");
    const earlier = sql`(select id from protocol_version where id <> (select protocol_version_id from study))`;
    const { source } = await shippedProtocol("demonstration");
    await door.withActor(pi, (tx) =>
      addProtocolVersion(tx, pi, { source: source.replace('version: "1.2"', 'version: "2.0"'), reason: "Otherwise" }),
    );
    expect(await outcome(importer, list(reader2.membershipId, "cohort-1", earlier))).toBe("NW007");
    await draw(door, drawn);
  });

  test("is drawn by the database: whoever asks for it gets a number, and sees and sets no place, seed or order; the seed draws it again", async () => {
    const made = await makeStudy({ door, ownerUrl: database.owner });
    const { principal_investigator: pi, coordinator, monitor, reader, reader2 } = made.members;
    for (const seed of [1, 2, 3, 4])
      await addPatient(door, made, { name: "Patient", shortAxisMm: 6, positive: true, seed });
    const drawn = (actor: Actor, member: Actor, condition: string) =>
      door.withActor(actor, async (tx) => {
        const answer = await tx.execute(sql`select * from nw.draw_list(${member.membershipId}::uuid, ${condition})`);
        for (const name of ["reading_slot", "reading_case", "case_crop", "nw.drawn_orders()"])
          expect(
            await tx
              .transaction((savepoint) => savepoint.execute(sql.raw(`select * from ${name}`)))
              .then(
                (rows) => rows.length,
                () => 0,
              ),
            name,
          ).toBe(0);
        return [...answer];
      });
    expect(await outcome(pi, sql`select nw.draw_list(${reader.membershipId}::uuid, 'cohort-2')`)).toBe("NW007");
    for (const condition of ["cohort-1", "cohort-2"]) {
      expect(await drawn(pi, reader, condition)).toEqual([{ draw_list: 12 }]);
      expect(await drawn(coordinator, reader2, condition)).toEqual([{ draw_list: 12 }]);
    }
    expect(await drawn(pi, reader, "cohort-1"), "nothing is lacking").toEqual([{ draw_list: 0 }]);
    expect(await drawn(pi, monitor, "cohort-1"), "no reader").toEqual([{ draw_list: 0 }]);
    for (const actor of [pi, coordinator])
      for (const table of ["reading_list", "reading_slot"])
        expect(await outcome(actor, sql.raw(`insert into ${table} (study_id) values ('${made.studyId}')`))).toBe(
          "42501",
        );

    const lists = await admin`
      select l.seed, l.order_sha256 as hash, json_agg(json_build_object('id', s.case_id, 'node', k.node_id) order by s.position) as cases
        from reading_list l join reading_slot s on s.list_id = l.id join reading_case k on k.id = s.case_id
       where l.study_id = ${made.studyId} group by l.id`;
    expect(lists).toHaveLength(4);
    for (const { seed, hash, cases } of lists) {
      // More than anybody tries out who knows some of the places.
      expect(seed).toMatch(/^2\.[0-9a-f]{64}$/);
      const order = cases.map(({ id }: { id: string }) => id);
      expect(drawnOrder({ cases: cases.toReversed(), seed })).toEqual(order);
      expect(hash).toBe(hashOf(order.join("\n")));
      expect(adjacent(cases), "planes of a node").toBe(0);
    }
    expect(new Set(lists.map(({ seed }) => seed)).size).toBe(4);
    expect(new Set(lists.map(({ hash }) => hash)).size).toBe(4);
    // Of any number of cases and any seed; of earlier versions those that kept nothing apart.
    const items = Array.from({ length: 300 }, () => randomUUID());
    const ofOneNode = (cases: readonly string[]) => cases.map((id) => ({ id, node: "" }));
    for (const seed of ["", "a", hashOf("another")]) {
      const [order] = await admin`select nw.drawn_order(${items}::uuid[], ${seed}) as cases`;
      expect(order?.cases).toEqual(drawnOrder({ cases: ofOneNode(items), seed }));
      expect(order?.cases.toSorted()).toEqual(items.toSorted());
    }
    const orders = ["a", "b"].map((seed) => drawnOrder({ cases: ofOneNode(items), seed }));
    expect(orders[0]).not.toEqual(orders[1]);
  });

  test("has images of a node apart, whatever comes together, in the order that its seed draws again", async () => {
    for (const images of [
      [1],
      [3],
      [3, 3],
      [3, 1, 1],
      [5, 2, 1],
      [4, 4, 4, 2],
      [1, 1, 1],
      [9, 3, 3, 2, 1],
      Array(60).fill(3),
    ]) {
      const cases = images.flatMap((count) => {
        const node = randomUUID();
        return Array.from({ length: count }, () => ({ id: randomUUID(), node }));
      });
      const seed = `2.${hashOf(randomUUID())}`;
      const [row] = await admin`
        select nw.kept_apart(d.cases, array(select (j ->> 'node')::uuid from unnest(d.cases) with ordinality u (id, place)
                 join jsonb_array_elements(${JSON.stringify(cases)}::text::jsonb) j on j ->> 'id' = u.id::text order by u.place)) as cases
          from nw.drawn_order(${cases.map(({ id }) => id)}::uuid[], ${seed}) d (cases)`;
      expect(row?.cases).toEqual(drawnOrder({ cases, seed }));
      const order = drawnOrder({ cases, seed }).map((id) => cases.find((each) => each.id === id) ?? { node: "" });
      expect(adjacent(order), images.join()).toBe(Math.max(0, 2 * Math.max(...images) - cases.length - 1));
    }
    const [nothing] = await admin`select nw.kept_apart('{}', '{}') as cases`;
    expect(nothing?.cases).toEqual([]);
  });

  test("is of the protocol in force, also while another version comes into force: the two wait for each other", async () => {
    for (const first of ["draws", "changes"] as const) {
      const made = await makeStudy({ door, ownerUrl: database.owner });
      const { principal_investigator: pi, coordinator, reader } = made.members;
      const { source } = await shippedProtocol("demonstration");
      const list: Deed = [
        { ...coordinator, role: "importer" },
        (tx) =>
          tx.execute(sql`
            insert into reading_list (study_id, membership_id, protocol_version_id, condition_key, condition_ordinal, shows, wash_out_days, seed, order_sha256)
            select id, ${reader.membershipId}, protocol_version_id, 'cohort-2', 0, '{}', 0, 1, 'x' from study`),
      ];
      const change: Deed = [
        pi,
        (tx) =>
          addProtocolVersion(tx, pi, {
            source: source.replace('version: "1.2"', 'version: "2.0"').replace("shows: [size]", "shows: []"),
            reason: "Nothing is shown",
          }),
      ];
      const both = await outcomes(...(first === "draws" ? ([list, change] as const) : ([change, list] as const)));
      expect(both, first).toEqual(["done", first === "draws" ? "reading_in_use" : "made_up_list"]);
    }
  });

  test("holds a case, whoever draws it, once the lists of the conditions before it do: none is seen with its size first", async () => {
    for (const unit of ["image", "node"] as const) {
      const { source } = await shippedProtocol("demonstration");
      const made = await makeStudy({
        door,
        ownerUrl: database.owner,
        source: source.replace("{ case: image }", `{ case: ${unit} }`),
      });
      const { coordinator, reader, reader2 } = made.members;
      await addPatient(door, made, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 });
      const casesBy = (by: string) =>
        sql.raw(
          by === "image"
            ? "select id as case_id from nw.make_cases((select jsonb_agg(jsonb_build_array(id)) from crop))"
            : "select id as case_id from nw.make_cases((select jsonb_agg(crops) from (select jsonb_agg(id order by array_position('{axial,sagittal,coronal}', plane)) as crops from crop group by node_id) n))",
        );
      /** Draws what a reader lacks in these conditions, but for the last `without` cases of the first. */
      const drawn = (membershipId: string | null, conditions: string[], { without = 0, by = unit as string } = {}) =>
        door
          .withActor({ ...coordinator, role: "importer" }, async (tx) => {
            await tx.execute(sql`set constraints all immediate`);
            for (const condition of conditions) {
              const id = randomUUID();
              await tx.execute(sql`
                insert into reading_list (id, study_id, membership_id, protocol_version_id, condition_key, condition_ordinal, shows, wash_out_days, seed, order_sha256)
                select ${id}, id, ${membershipId}, protocol_version_id, ${condition}, 0, '{}', 0, 1, 'x' from study`);
              await tx.execute(sql`
                insert into reading_slot (study_id, list_id, position, case_id)
                select ${made.studyId}, ${id}, row_number() over (), case_id
                  from (${casesBy(by)}) c offset ${condition === conditions[0] ? without : 0}`);
            }
          })
          .then(
            () => "done",
            (error: { constraint?: string }) => error.constraint,
          );
      expect(await drawn(reader.membershipId, ["cohort-2"]), unit).toBe("drawn_before_its_turn");
      expect(await drawn(reader.membershipId, ["cohort-2", "cohort-1"]), unit).toBe("drawn_before_its_turn");
      expect(await drawn(reader.membershipId, ["cohort-1", "cohort-2"], { without: 1 }), unit).toBe(
        "drawn_before_its_turn",
      );
      expect(await drawn(reader.membershipId, ["cohort-2"], { by: unit === "node" ? "image" : "node" }), unit).toBe(
        "drawn_before_its_turn",
      );
      // In one transaction, or one after the other; another reader's lists are no help.
      expect(await drawn(reader.membershipId, ["cohort-1", "cohort-2"]), unit).toBe("done");
      expect(await drawn(reader2.membershipId, ["cohort-2"]), unit).toBe("drawn_before_its_turn");
      expect(await drawn(reader2.membershipId, ["cohort-1"]), unit).toBe("done");
      expect(await drawn(reader2.membershipId, ["cohort-2"]), unit).toBe("done");
    }
  });
});

describe("what comes late for a node", () => {
  const size = { name: "Patient", shortAxisMm: 6, positive: true };
  const late = async (made: MadeStudy, nodeId: string, plane: (typeof planes)[number]) => {
    await admin`insert into stored_object (study_id, sha256, media_type) values (${made.studyId}, ${hashOf(nodeId + plane)}, 'image/png')`;
    const file = { sha256: hashOf(nodeId + plane), pixelSha256: hashOf(plane + nodeId) };
    return door.withActor(made.members.locating_radiologist, (tx) =>
      addNamedCrop(tx, { studyId: made.studyId, nodeId, plane, ...file }),
    );
  };
  /** The conditions that hold a crop, and for whom. */
  const places = (crop: string | undefined) => admin`
    select m.reader_code as reader, l.condition_key as condition from case_crop k join reading_slot s on s.case_id = k.case_id join reading_list l on l.id = s.list_id
      join membership m on m.id = l.membership_id where k.crop_id = ${crop ?? null} order by 1, 2`;
  const both = (reader: string) => [
    { reader, condition: "cohort-1" },
    { reader, condition: "cohort-2" },
  ];

  test("is drawn for no reader who is shown its size already, or that of a node of the same list", async () => {
    const made = await makeStudy({ door, ownerUrl: database.owner });
    const { coordinator, reader, reader2 } = made.members;
    const nodes = [];
    for (const seed of [1, 2])
      nodes.push((await addPatient(door, made, { ...size, seed, only: ["axial", "sagittal"] })).nodeId);
    await draw(door, made);
    await readCases(door, reader2, 4);
    await readCases(door, reader, 4);
    // In Cohort 2: one size is shown.
    await openCase(reader);
    const crops = [await late(made, nodes[0] ?? "", "coronal"), await late(made, nodes[1] ?? "", "coronal")];
    // As the page asks: what was left out is said there.
    const about = { sessionId: randomUUID(), email: "c@example.org", name: "C", mayCreateStudies: false };
    const person = { ...about, personId: coordinator.personId, administersAccounts: false, mustChangePassword: false };
    const drawn = await createCaller({ person, locale: "en" }).reading.draw({ study: made.slug });
    expect(drawn).toEqual({ cases: 2, readers: 1, tooLate: [{ readerCode: "R2", cases: 2 }] });
    // Control: of whoever saw no size.
    for (const crop of crops) expect(await places(crop)).toEqual(both("R3"));
    const progress = await door.withActor(coordinator, (tx) => listProgress(tx, coordinator));
    expect(progress).toMatchObject({ lacking: [], tooLate: [{ readerCode: "R2", cases: 2 }] });
    await expect(door.withActor(coordinator, (tx) => drawSchedules(tx, coordinator))).rejects.toMatchObject({
      problems: [expect.stringMatching(/^R2 .* 2 cases .* later condition/)],
    });
    // By SQL neither: the case is there, because another reader has it.
    const place = (condition: string) => sql`
      with list as (insert into reading_list (study_id, membership_id, protocol_version_id, condition_key, condition_ordinal, batch, shows, wash_out_days, seed, order_sha256)
        select id, ${reader.membershipId}, protocol_version_id, ${condition}, 0, 2, '{}', 0, 1, 'x' from study returning id)
      insert into reading_slot (study_id, list_id, position, case_id) select ${made.studyId}, id, 1, ${crops[0]} from list`;
    const refused = (condition: string) =>
      door
        .withActor({ ...coordinator, role: "importer" }, (tx) => tx.execute(place(condition)))
        .catch((error: { constraint?: string }) => error.constraint);
    expect(await refused("cohort-1")).toBe("drawn_too_late");
    expect(await refused("cohort-2")).toBe("drawn_before_its_turn");
    // A node that comes late is no node of which a size was shown.
    await addPatient(door, made, { ...size, seed: 3 });
    expect(await door.withActor(coordinator, (tx) => drawSchedules(tx, coordinator))).toMatchObject({
      cases: 3,
      readers: 2,
    });
  });

  test("is drawn late by no two transactions at once: the reader begins no list meanwhile, and what is begun is waited for", async () => {
    for (const first of ["draws", "begins"] as const) {
      const made = await makeStudy({ door, ownerUrl: database.owner });
      const { coordinator, reader } = made.members;
      const { nodeId } = await addPatient(door, made, { ...size, seed: 1, only: ["axial", "sagittal"] });
      await draw(door, made);
      await readCases(door, reader, 2);
      const crop = await late(made, nodeId, "coronal");
      // The case is there, and has no place yet.
      const importer: Actor = { ...coordinator, role: "importer" };
      await door.withActor(importer, (tx) =>
        tx.execute(sql`select nw.make_cases(jsonb_build_array(jsonb_build_array(${crop}::uuid)))`),
      );
      const place = (tx: Tx) =>
        tx.execute(sql`
          with list as (insert into reading_list (study_id, membership_id, protocol_version_id, condition_key, condition_ordinal, batch, shows, wash_out_days, seed, order_sha256)
            select id, ${reader.membershipId}, protocol_version_id, 'cohort-1', 0, 2, '{}', 0, 1, 'x' from study returning id)
          insert into reading_slot (study_id, list_id, position, case_id) select ${made.studyId}, id, 1, ${crop} from list`);
      const open = (tx: Tx) => tx.execute(sql`select nw.open_case('current')`);
      const isDrawn = () =>
        outcomes(
          first === "draws" ? [importer, place] : [reader, open],
          first === "draws" ? [reader, open] : [importer, place],
        );
      expect(await isDrawn(), first).toEqual(first === "draws" ? ["done", "done"] : ["done", "drawn_too_late"]);
      const shown = await door.withActor(reader, (tx) =>
        tx.execute(sql`select condition_key, position from nw.current_case()`),
      );
      // Without the lock: Cohort 2 with its size, and then, hidden, what comes late.
      expect([...shown], first).toEqual([
        first === "draws" ? { condition_key: "cohort-1", position: 1 } : { condition_key: "cohort-2", position: 1 },
      ]);
      expect(await places(crop)).toEqual(first === "draws" ? [{ reader: "R2", condition: "cohort-1" }] : []);
    }
  });

  test("has no place any more once its image is replaced, though its case is there", async () => {
    const made = await makeStudy({ door, ownerUrl: database.owner });
    const { coordinator, reader, locating_radiologist: radiologist } = made.members;
    await addPatient(door, made, { ...size, seed: 1 });
    const importer: Actor = { ...coordinator, role: "importer" };
    const crops = await admin`select id from crop where study_id = ${made.studyId} and superseded_at is null limit 2`;
    for (const { id } of crops)
      await door.withActor(importer, (tx) =>
        tx.execute(sql`select nw.make_cases(jsonb_build_array(jsonb_build_array(${id}::uuid)))`),
      );
    const place = (id: string | undefined, batch: number): Deed => [
      importer,
      (tx) =>
        tx.execute(sql`
          with list as (insert into reading_list (study_id, membership_id, protocol_version_id, condition_key, condition_ordinal, batch, shows, wash_out_days, seed, order_sha256)
            select id, ${reader.membershipId}, protocol_version_id, 'cohort-1', 0, ${batch}, '{}', 0, 1, 'x' from study returning id)
          insert into reading_slot (study_id, list_id, position, case_id) select ${made.studyId}, id, 1, ${id} from list`),
    ];
    const replace = (id: string | undefined): Deed => [
      radiologist,
      (tx) => tx.execute(sql`update crop set superseded_at = now() where id = ${id}`),
    ];
    const [a, b] = crops.map(({ id }): string => id);
    expect(await outcomes(replace(a), place(a, 1))).toEqual(["done", "made_up_case"]);
    expect(await outcomes(place(b, 2), replace(b))).toEqual(["done", "crop_is_scheduled"]);
  });

  test("is drawn as long as no list with sizes was begun", async () => {
    const made = await makeStudy({ door, ownerUrl: database.owner });
    const { reader } = made.members;
    const { nodeId } = await addPatient(door, made, { ...size, seed: 1, only: ["axial", "sagittal"] });
    await draw(door, made);
    await readCases(door, reader, 2);
    const crop = await late(made, nodeId, "coronal");
    expect(await draw(door, made)).toEqual({ cases: 1, readers: 2, tooLate: [] });
    expect(await places(crop)).toEqual([...both("R2"), ...both("R3")]);
  });

  test("is not drawn while the reader opens the first case with a size", async () => {
    const made = await makeStudy({ door, ownerUrl: database.owner });
    const { coordinator, reader } = made.members;
    const { nodeId } = await addPatient(door, made, { ...size, seed: 1, only: ["axial", "sagittal"] });
    await draw(door, made);
    await readCases(door, reader, 2);
    await late(made, nodeId, "coronal");
    let drawing: Promise<unknown> = Promise.resolve();
    await door.withActor(reader, async (tx) => {
      await tx.execute(sql`select nw.open_case('current')`);
      drawing = door.withActor(coordinator, (other) => drawSchedules(other, coordinator));
      await new Promise((done) => setTimeout(done, 300));
    });
    expect(await drawing).toMatchObject({ readers: 1, tooLate: [{ readerCode: "R2", cases: 1 }] });
  });
});

describe("a version of the protocol", () => {
  /** Writes one by SQL, made of that in force. */
  const written = (
    actor: Actor,
    document: SQL,
    { version = "document ->> 'version'", sha256 }: { version?: string; sha256?: string },
  ) =>
    door
      .withActor(actor, async (tx) => {
        const [made] = await tx.execute<{ document: unknown }>(
          sql`select ${document} as document from protocol_version p join study s on s.protocol_version_id = p.id`,
        );
        const hash = sha256 ?? hashOf(canonicalJson(made?.document));
        const [row] = await tx.execute<{ id: string }>(sql`
          insert into protocol_version (study_id, version, sha256, document, source)
          select ${actor.studyId}, ${sql.raw(version)}, ${hash}, document, 'x' from (select ${JSON.stringify(made?.document)}::jsonb as document) d returning id`);
        await tx.execute(sql`update study set protocol_version_id = ${row?.id}`);
      })
      .then(
        () => "done",
        (error: { constraint?: string; code?: string }) => error.constraint ?? error.code,
      );
  const next = (version: string, change = sql`document`) =>
    sql`jsonb_set(${change}, '{version}', to_jsonb(${version}::text))`;

  test("written by SQL is of its hash and version, and has what lists are drawn by", async () => {
    const made = await makeStudy({ door, ownerUrl: database.owner });
    for (const actor of [made.members.principal_investigator, made.members.administrator]) {
      const at = actor.role;
      expect(await written(actor, next(`${at} 2`), { sha256: "0".repeat(64) })).toBe("made_up_protocol");
      expect(await written(actor, next(`${at} 2`), { version: "'3'" })).toBe("made_up_protocol");
      for (const [path, value] of [
        ["{conditions}", '"none"'],
        ["{conditions}", "[]"],
        ["{conditions,1,key}", '"cohort-1"'],
        ["{conditions,1,shows}", '["truth"]'],
        ["{conditions,1,washOutDays}", '"soon"'],
        ["{conditions,1,washOutDays}", "-1"],
        ["{reading,case}", '"patient"'],
        ["{reading,design}", '"crossover"'],
        ["{reading,repeats}", "5"],
        ["{reading,repeats}", '{ "cases": "x", "apart": 1 }'],
        ["{reading,repeats}", '{ "cases": 1.5, "apart": 1 }'],
        ["{reading,repeats}", '{ "cases": 1, "apart": 0 }'],
        ["{reading,repeats}", '{ "cases": 1, "apart": 1, "conditions": "all" }'],
      ])
        expect(
          await written(actor, next(`${at} 2`, sql`jsonb_set(document, ${path}::text[], ${value}::jsonb)`), {}),
          `${path} ${value}`,
        ).toBe("made_up_protocol");
      // Numbers and signs that JSON of Postgres writes in another way.
      const strange = JSON.stringify({
        b: [1e-7, 1e21, -0.5, 1.5e300, 100, 0],
        a: 'é\u2028"\\\n\u001f 节点',
        节: {},
        B: [],
      });
      expect(
        await written(actor, next(`${at} 2`, sql`document || jsonb_build_object('strange', ${strange}::jsonb)`), {}),
      ).toBe("done");
    }
  });

  test("that ships with the product has, by the database, the hash that Nodewise gives it", async () => {
    for (const { key, source, sha256 } of await shippedProtocols()) {
      const { studyId } = await makeStudy({ door, ownerUrl: database.owner, source });
      const [row] = await admin`
        select encode(sha256(convert_to(nw.canonical_json(document), 'UTF8')), 'hex') as hash from protocol_version where study_id = ${studyId}`;
      expect(row?.hash, key).toBe(sha256);
    }
  });

  test("does not change, by SQL either, what one read is of once there is a schedule", async () => {
    const made = await makeStudy({ door, ownerUrl: database.owner });
    const { principal_investigator: pi } = made.members;
    const byNode = sql`jsonb_set(document, '{reading,case}', '"node"')`;
    const byImage = sql`jsonb_set(document, '{reading,case}', '"image"')`;
    const repeated = sql`jsonb_set(document, '{conditions,1,repeats}', '"cohort-1"')`;
    const modality = sql`jsonb_set(document, '{conditions,1,modality}', '"SFM"')`;
    expect(await written(pi, next("by node", byNode), {})).toBe("done");
    expect(await written(pi, next("by image", byImage), {})).toBe("done");
    expect(await written(pi, next("of a modality", modality), {})).toBe("done");
    expect(await written(pi, next("of none", sql`document #- '{conditions,1,modality}'`), {})).toBe("done");
    await addPatient(door, made, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 });
    await draw(door, made);
    expect(await written(pi, next("by node again", byNode), {})).toBe("reading_in_use");
    expect(await written(pi, next("repeated", repeated), {})).toBe("reading_in_use");
    expect(await written(pi, next("of a modality again", modality), {})).toBe("reading_in_use");
    expect(await written(pi, next("the same"), {})).toBe("done");
  });

  test("does not change what a reader is shown beside a case, or before it, once there is a schedule or a read", async () => {
    const made = await makeStudy({ door, ownerUrl: database.owner });
    const { administrator, principal_investigator: pi } = made.members;
    const set = (path: string, value: string) => sql`jsonb_set(document, ${path}::text[], ${value}::jsonb)`;
    const swapped = sql`jsonb_set(document, '{conditions}', jsonb_build_array(document #> '{conditions,1}', document #> '{conditions,0}'))`;
    const alone = (at: number) =>
      sql`jsonb_set(document, '{conditions}', jsonb_build_array(document #> ${`{conditions,${at}}`}::text[]))`;
    const other = sql`(document #> '{conditions,1}') || '{"key": "other"}'`;
    const before = sql`jsonb_set(document, '{conditions}', jsonb_build_array(${other}) || (document -> 'conditions'))`;
    const after = sql`jsonb_set(document, '{conditions}', (document -> 'conditions') || jsonb_build_array(${other}))`;
    // Control: before anything is scheduled all of it may change, and back.
    for (const [name, change] of Object.entries({
      shows: set("{conditions,0,shows}", '["size"]'),
      hides: set("{conditions,0,shows}", "[]"),
      long: set("{conditions,1,washOutDays}", "20"),
      short: set("{conditions,1,washOutDays}", "10"),
      swapped,
      back: swapped,
    }))
      expect(await written(pi, next(name, change), {}), name).toBe("done");
    await addPatient(door, made, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 });
    await draw(door, made);
    for (const [name, change] of Object.entries({
      shows: set("{conditions,0,shows}", '["size"]'),
      hides: set("{conditions,1,shows}", "[]"),
      shorter: set("{conditions,1,washOutDays}", "9"),
      swapped,
      before,
    }))
      for (const actor of [pi, administrator])
        expect(await written(actor, next(`${name} now`, change), {}), name).toBe("reading_in_use");
    // Nor in two steps: none is taken out (tests/blinding/order-of-conditions.test.ts).
    for (const at of [0, 1]) expect(await written(pi, next(`only ${at}`, alone(at)), {})).toBe("reading_in_use");
    expect(await written(pi, next("longer", set("{conditions,1,washOutDays}", "30")), {})).toBe("done");
    expect(await written(pi, next("one more", after), {})).toBe("done");
  });
});
