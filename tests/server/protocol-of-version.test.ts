import { expect, test } from "vitest";
import type { Tx } from "@/db/actor";
import { protocolOfVersion } from "@/server/services/study/protocol-of-version";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { freshDatabase } from "../support/database";
import { makeStudy } from "../support/study";

const { door, owner } = await freshDatabase();

test("a version is parsed once in each language, is of its study alone, and nobody changes what all are given", async () => {
  const study = await makeStudy({ door, ownerUrl: owner });
  const other = await makeStudy({ door, ownerUrl: owner, source: (await shippedProtocol("image-set")).source });
  const of = ({ members: { reader } }: typeof study, locale: "en" | "zh") =>
    door.withActor(reader, async (tx) => {
      const { id, document } = await studyProtocol(tx, { ...reader, locale });
      return { versionId: id, document };
    });
  const { reader } = study.members;
  const { versionId, document } = await of(study, "en");
  const asked = (locale?: "en" | "zh") =>
    door.withActor(reader, (tx) =>
      protocolOfVersion(tx, { studyId: study.studyId, versionId, ...(locale && { locale }) }),
    );

  const parsed = await asked();
  expect(parsed).toEqual(document);
  // Nothing is asked of the database any more.
  expect(await protocolOfVersion({} as Tx, { studyId: study.studyId, versionId })).toBe(parsed);
  expect(await asked("zh")).toEqual((await of(study, "zh")).document);
  expect(await asked("zh")).not.toEqual(parsed);
  expect(() => parsed.form.criteria.push({ key: "halo", label: "Halo" })).toThrow(TypeError);

  // Control: of another study it is asked, and refused to whoever may not see it.
  const theirs = await of(other, "en");
  await expect(
    door.withActor(reader, (tx) => protocolOfVersion(tx, { studyId: study.studyId, versionId: theirs.versionId })),
  ).rejects.toMatchObject({ code: "not_found" });
});
