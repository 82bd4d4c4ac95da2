import { expect, test } from "vitest";
import { addNode } from "@/server/services/imaging/add-node";
import { excludeNode } from "@/server/services/imaging/exclude-node";
import { listNodes } from "@/server/services/imaging/list-nodes";
import { remeasureNode } from "@/server/services/imaging/remeasure-node";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, makeStudy } from "@/tests/support/study";

const { door, owner: ownerUrl } = await freshDatabase();

/** A study with one patient, who has one mesorectal node of 5 mm; R1 adds to it. */
async function begin(source: string) {
  const study = await makeStudy({ door, ownerUrl, source });
  const { locating_radiologist: r1, principal_investigator: pi } = study.members;
  const { number, nodeId } = await addPatient(door, study, {
    ...{ name: "Patient Sun", shortAxisMm: 5, positive: true, seed: 1, only: [] },
  });
  const told = async (actor = r1) => (await door.withActor(actor, (tx) => listNodes(tx, actor, { number }))).selection;
  const add = (region: string, shortAxisMm: number) =>
    door.withActor(r1, (tx) => addNode(tx, r1, { number, region, shortAxisMm }));
  const exclude = (id: string) =>
    door.withActor(r1, (tx) => excludeNode(tx, r1, { nodeId: id, reason: "Not separable from a vessel" }));
  return { r1, pi, nodeId, told, add, exclude };
}

test("where the protocol takes the largest node of each region, R1 is told of a second one and of a larger one that was taken out, and neither is refused", async () => {
  const { source } = await shippedProtocol("li-2021");
  const { r1, pi, nodeId, told, add, exclude } = await begin(source);
  const sized = (label: string, shortAxisMm: number | null) => expect.objectContaining({ label, shortAxisMm });
  await add("superior rectal artery", 9);
  expect(await told()).toEqual([]);
  const second = await add("mesorectal", 7.5);
  expect(await told()).toMatchObject([
    { region: "Mesorectal", kept: [sized(second.label, 7.5), sized("N1", 5)], larger: null },
  ]);
  await exclude(second.nodeId);
  expect(await told()).toMatchObject([{ kept: [sized("N1", 5)], larger: sized(second.label, 7.5) }]);
  // Whoever sees no sizes before the lock is told none.
  expect(await told(pi)).toEqual([]);
  await door.withActor(r1, (tx) => remeasureNode(tx, r1, { nodeId, shortAxisMm: 8 }));
  expect(await told()).toEqual([]);
});

test("another protocol takes the nodes that are recorded", async () => {
  const { source } = await shippedProtocol("demonstration");
  const { told, add } = await begin(source);
  await add("mesorectal", 7.5);
  expect(await told()).toEqual([]);
});
