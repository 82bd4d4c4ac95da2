import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type DataSet, isSequence, isValue } from "@/core/dicom/data-set";
import { deidentify } from "@/core/dicom/deidentify";
import { tagOf } from "@/core/dicom/dictionary";
import { frameCount, frameOf } from "@/core/dicom/frame";
import { orientationOf, planeOf } from "@/core/dicom/plane";
import { readDicom } from "@/core/dicom/read";
import { DicomRefusal } from "@/core/dicom/refusal";
import { stacksOf } from "@/core/dicom/stack";
import { number, text, textsOf } from "@/core/dicom/values";
import { bytesOfDataSet, writeDicom } from "@/core/dicom/write";

const sets = new URL("../../../../shared/data/", import.meta.url);

function filesOf(folder: string): URL[] {
  return readdirSync(new URL(folder, sets), { recursive: true, encoding: "utf8" })
    .map((name) => new URL(`${folder}${encodeURI(name)}`, sets))
    .filter((file) => statSync(file).isFile())
    .sort((a, b) => (a.href < b.href ? -1 : 1));
}

const isLetter = (byte: number | undefined) => byte !== undefined && /\w/.test(String.fromCharCode(byte));
/** As a whole word: "Test" is in "latest". */
function standsIn(file: Buffer, word: Buffer): boolean {
  for (let at = file.indexOf(word); at >= 0; at = file.indexOf(word, at + 1))
    if (!isLetter(file[at - 1]) && !isLetter(file[at + word.length])) return true;
  return false;
}

const options = { cleanPixelData: true, cleanDescriptors: true, retainModifiedDates: true, retainDeviceIdentity: true };
const asked = { options, key: new Uint8Array(32).fill(3), offsetDays: -777, subject: "S-001" };

describe.skipIf(!existsSync(sets))(
  "on files of scanners and of others' tests (left out where the shared data are absent)",
  () => {
    test("each is read, or refused with its reason", () => {
      const refused = filesOf("dicom-edge/").flatMap((file) => {
        try {
          readDicom(new Uint8Array(readFileSync(file)));
          return [];
        } catch (error) {
          if (!(error instanceof DicomRefusal)) throw error;
          return [`${file.pathname.split("/").at(-1)} ${error.reason}`];
        }
      });
      expect(refused.filter((line) => !/\.(md|csv|txt) |README /.test(line))).toEqual([
        "DICOMDIR-nooffset damaged",
        "meta_missing_tsyntax.dcm no_transfer_syntax",
        "nested_priv_SQ.dcm damaged",
        // A stray byte before its first element.
        "no_meta.dcm not_dicom",
        "rtplan_truncated.dcm damaged",
        "MR_truncated.dcm damaged",
      ]);
    });

    test("no name, number or birth date of a file is left in its de-identified bytes, and these are read again as they are", () => {
      const telling = [
        "PatientID",
        "OtherPatientIDs",
        "AccessionNumber",
        "InstitutionName",
        "PatientBirthDate",
        "StudyInstanceUID",
      ]
        .concat("SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")
        .map(tagOf);
      let looked = 0;
      for (const file of [...filesOf("dicom-edge/"), ...filesOf("mr-dicom/siemens-localizer-3plane/")]) {
        let received: ReturnType<typeof readDicom>;
        try {
          received = readDicom(new Uint8Array(readFileSync(file)));
        } catch {
          continue;
        }
        const values = new Set<string>();
        const look = (data: DataSet) => {
          for (const [tag, element] of data)
            if (isSequence(element)) element.items.forEach(look);
            else if (isValue(element) && (element.vr === "PN" || telling.includes(tag)))
              for (const value of textsOf(element).flatMap((each) =>
                element.vr === "PN" ? each.split(/[\^=]/) : [each],
              ))
                if (value.trim().length > 3 && !value.startsWith("1.2.840.10008.")) values.add(value.trim());
        };
        look(received.data);
        const { data } = deidentify(received.data, asked);
        const written = writeDicom({ data, transferSyntax: received.transferSyntax });
        expect(
          [...values].filter((value) => standsIn(Buffer.from(written), Buffer.from(value))),
          file.pathname,
        ).toEqual([]);
        expect(Buffer.compare(bytesOfDataSet(readDicom(written).data), bytesOfDataSet(data)), file.pathname).toBe(0);
        looked += values.size;
      }
      expect(looked).toBeGreaterThan(500);
    });

    test("the localizer of three planes in one series is three stacks of seven slices, 7.2 mm apart", () => {
      const frames = filesOf("mr-dicom/siemens-localizer-3plane/").map((file) => {
        const { data } = readDicom(new Uint8Array(readFileSync(file)));
        return { at: number(data, tagOf("InstanceNumber")), plane: planeOf(data) };
      });
      const stacks = stacksOf(frames);
      expect(stacks.map(({ orientation, frames: all }) => [orientation.name, all.length]).sort()).toEqual([
        ["axial", 7],
        ["coronal", 7],
        ["sagittal", 7],
      ]);
      for (const stack of stacks) {
        expect(stack.step).toBeCloseTo(7.2, 6);
        expect(stack).toMatchObject({ gaps: [], shared: [] });
      }
      const axial = stacks.find(({ orientation }) => orientation.name === "axial");
      expect(axial?.frames.map(({ at }) => at)).toEqual([21, 20, 19, 18, 17, 16, 15]);
    });

    test("the pelvis is one axial stack, 3 mm apart, of pixels of half a millimetre", () => {
      const frames = filesOf("mr-dicom/siemens-pelvis-t2/").map((file) => ({
        plane: planeOf(readDicom(new Uint8Array(readFileSync(file))).data),
      }));
      const [stack, ...others] = stacksOf(frames);
      expect(others).toEqual([]);
      expect(stack).toMatchObject({ orientation: { name: "axial", tilt: 0 }, gaps: [], shared: [] });
      expect(stack?.frames).toHaveLength(40);
      expect(stack?.step).toBeCloseTo(3, 4);
      expect(stack?.frames[0]?.plane?.spacing).toEqual({ rows: 0.5, columns: 0.5, source: "patient" });
    });

    test("frames of an Enhanced CT have their own places", () => {
      const { data } = readDicom(
        new Uint8Array(readFileSync(new URL("dicom-edge/multiframe-other/eCT_Supplemental.dcm", sets))),
      );
      const planes = Array.from({ length: frameCount(data) }, (_, at) => planeOf(frameOf(data, at)));
      expect(planes.length).toBeGreaterThan(1);
      expect(planes.every((plane) => plane && orientationOf(plane).name === "axial")).toBe(true);
      expect(text(data, tagOf("Modality"))).toBe("CT");
    });
  },
);
