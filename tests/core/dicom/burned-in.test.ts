import { expect, test } from "vitest";
import { burnedInReasons } from "@/core/dicom/burned-in";
import { dataSet } from "./data";

const mr = { SOPClassUID: "1.2.840.10008.5.1.4.1.1.4", ImageType: "ORIGINAL\\PRIMARY\\M\\ND" };

test.each([
  [{}, []],
  [{ BurnedInAnnotation: "NO" }, []],
  [{ BurnedInAnnotation: "YES" }, ["said"]],
  [{ SOPClassUID: "1.2.840.10008.5.1.4.1.1.7" }, ["secondary"]],
  [{ SOPClassUID: "1.2.840.10008.5.1.4.1.1.7.4" }, ["secondary"]],
  [{ SOPClassUID: "1.2.840.10008.5.1.4.1.1.77.1.4" }, []],
  [{ ConversionType: "WSD" }, ["secondary"]],
  [{ ImageType: "DERIVED\\SECONDARY\\SCREEN SAVE", BurnedInAnnotation: "YES" }, ["said", "screen"]],
])("a picture that says %o is held for %o", (given, reasons) => {
  expect(burnedInReasons(dataSet({ ...mr, ...given }))).toEqual(reasons);
});
