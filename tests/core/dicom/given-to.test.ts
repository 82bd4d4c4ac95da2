import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { deidentify } from "@/core/dicom/deidentify";
import { givenTo } from "@/core/dicom/given-to";
import { readDicom } from "@/core/dicom/read";
import { writeDicom } from "@/core/dicom/write";
import { slice } from "@/tests/support/dicom";

const key = new Uint8Array(32).fill(7);
const options = {
  ...{ cleanPixelData: false, cleanDescriptors: true, retainModifiedDates: true, retainDeviceIdentity: true },
};
const direct = (file: Uint8Array, subject: string, offsetDays: number, kept = options) => {
  const { data, transferSyntax } = readDicom(file);
  return writeDicom({
    ...{ transferSyntax },
    data: deidentify(data, { options: kept, key, offsetDays, subject }).data,
  });
};
/** Through the inbox: without identity first, then given to its subject. */
const waited = (file: Uint8Array, subject: string, offsetDays: number, kept = options) => {
  const { data, transferSyntax } = readDicom(direct(file, "WAITING", -100, kept));
  return writeDicom({ transferSyntax, data: givenTo(data, { subject, days: offsetDays + 100 }) });
};

const dated = slice({
  ...{ StudyTime: "101112", ContentDate: "20260107", AcquisitionDateTime: "20260106101112.5+0100", SeriesDate: "" },
  ReferencedImageSequence: [
    {
      ReferencedSOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
      ReferencedSOPInstanceUID: "1.2.3.9",
      InstanceCreationDate: "20251231",
    },
  ],
});

test("what waited is to the byte what would have come for its subject at once, dates kept or not", () => {
  for (const retainModifiedDates of [true, false])
    for (const offset of [-1, -100, -729]) {
      const kept = { ...options, retainModifiedDates };
      expect(Buffer.from(waited(dated, "S-1", offset, kept)).equals(direct(dated, "S-1", offset, kept))).toBe(true);
    }
  // Control: of another subject, or with the days of another, it is another file.
  expect(Buffer.from(waited(dated, "S-1", -7)).equals(direct(dated, "S-2", -7))).toBe(false);
  expect(Buffer.from(waited(dated, "S-1", -7)).equals(direct(dated, "S-1", -8))).toBe(false);
});

const sets = new URL("../../../../shared/data/mr-dicom/", import.meta.url);
test.skipIf(!existsSync(sets))("so it is of what a scanner wrote (shared/data/mr-dicom)", () => {
  for (const folder of ["siemens-pelvis-t2", "siemens-localizer-3plane"])
    for (const name of readdirSync(new URL(folder, sets)).filter((each) => each.endsWith(".dcm"))) {
      const file = readFileSync(new URL(`${folder}/${name}`, sets));
      expect(Buffer.from(waited(file, "S-1", -33)).equals(direct(file, "S-1", -33)), name).toBe(true);
    }
});
