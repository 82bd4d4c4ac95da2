import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { orientationOf, planeOf } from "@/core/dicom/plane";
import { acquisitionOf, deviationsOf, matchSequences } from "@/core/dicom/sequence-check";
import { readNewProtocol } from "@/core/protocol/read-protocol";
import { dataSet } from "./data";

const plan = readNewProtocol(parse(readFileSync("protocols/li-2021.yaml", "utf8"))).document?.imaging;
if (!plan) throw new Error("The founding protocol has a table of sequences.");

const orientations = { axial: "1\\0\\0\\0\\1\\0", sagittal: "0\\1\\0\\0\\0\\-1", coronal: "1\\0\\0\\0\\0\\-1" };

/** A stack of the founding study as a scanner would write it, with what is changed of it. */
function stack(plane: keyof typeof orientations, changed: Record<string, unknown> = {}, step: number | null = null) {
  const asPrinted = {
    sagittal: { RepetitionTime: "3000", EchoTime: "100", SliceThickness: "4", SpacingBetweenSlices: "4.4" },
    axial: { RepetitionTime: "3824", EchoTime: "110", SliceThickness: "3.5", SpacingBetweenSlices: "3.7" },
    coronal: { RepetitionTime: "3824", EchoTime: "110", SliceThickness: "3", SpacingBetweenSlices: "3.2" },
  }[plane];
  const frame = dataSet({
    Rows: 320,
    Columns: 320,
    PixelSpacing: "0.75\\0.75",
    ImageOrientationPatient: orientations[plane],
    ImagePositionPatient: "0\\0\\0",
    ...asPrinted,
    ...changed,
  });
  const place = planeOf(frame);
  if (!place) throw new Error("no plane");
  return { name: plane, orientation: orientationOf(place), acquisition: acquisitionOf(frame, place, step) };
}

describe("a scan against the table of the founding study", () => {
  test("as printed: three sequences, no deviation", () => {
    const matches = matchSequences([stack("axial"), stack("coronal"), stack("sagittal")], plan);
    expect(matches.map(({ sequence, stack: found, deviations }) => [sequence, found?.name, deviations])).toEqual([
      ["t2-sagittal", "sagittal", []],
      ["t2-axial", "axial", []],
      ["t2-coronal", "coronal", []],
    ]);
  });

  test("is flagged with both numbers where it differs by more than the tolerance, and not below", () => {
    const [sagittal] = plan.sequences;
    if (!sagittal) throw new Error("no sequence");
    const { acquisition } = stack(
      "sagittal",
      { RepetitionTime: "4800", EchoTime: "110", PixelSpacing: "0.5\\0.5" },
      7.2,
    );
    expect(deviationsOf(acquisition, sagittal)).toEqual([
      { figure: "repetitionTimeMs", asked: 3000, within: 300, found: 4800 },
      { figure: "stepMm", asked: 4.4, within: 0.5, found: 7.2 },
      { figure: "fieldOfViewMm", asked: 240, within: 24, found: 160 },
    ]);
  });

  test("what the file does not say is flagged, too", () => {
    const [match] = matchSequences([stack("sagittal", { EchoTime: "" })], plan);
    expect(match?.deviations).toEqual([{ figure: "echoTimeMs", asked: 100, within: 10, found: null }]);
  });

  test("a missing plane has no stack, and of several stacks the nearest one counts", () => {
    const localizer = stack("axial", { RepetitionTime: "8.6", EchoTime: "4", SliceThickness: "6" });
    const matches = matchSequences([localizer, stack("axial", { EchoTime: "130" })], plan);
    expect(matches.map(({ stack: found }) => found?.acquisition.echoTimeMs ?? null)).toEqual([null, 130, null]);
  });

  test("the step between slices is what their places say, where there are places", () => {
    expect(stack("axial", {}, 3.9).acquisition.stepMm).toBe(3.9);
    expect(stack("axial").acquisition.stepMm).toBe(3.7);
  });
});
