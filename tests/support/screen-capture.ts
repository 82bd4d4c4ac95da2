import { writeFileSync } from "node:fs";
import sharp from "sharp";
import { slice } from "./dicom";

/*
 * Writes the picture of a screen as a file of DICOM, for tests in a browser: a grey field of 320 x 240 with letters in two places. Run by hand of a test:
 * node --import tsx tests/support/screen-capture.ts FILE
 */

const [width, height] = [320, 240];
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#556"/>
  <text x="10" y="24" font-size="18" fill="white">MUSTER ERIKA</text><text x="200" y="230" font-size="16" fill="white">1961-12-24</text></svg>`;
const pixels = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
const bytes = slice({
  ...{ SamplesPerPixel: 3, PhotometricInterpretation: "RGB", PlanarConfiguration: 0 },
  ...{ BitsAllocated: 8, BitsStored: 8, HighBit: 7, Rows: height, Columns: width },
  ...{ SOPClassUID: "1.2.840.10008.5.1.4.1.1.7", SOPInstanceUID: "1.2.3.77", SeriesInstanceUID: "1.2.3.78" },
  ...{ SeriesNumber: 77, PatientName: "", PatientID: "", PixelData: new Uint8Array(pixels) },
});
writeFileSync(process.argv[2] ?? "", bytes);
