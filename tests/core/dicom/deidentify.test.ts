import { describe, expect, test } from "vitest";
import type { DataSet } from "@/core/dicom/data-set";
import { type Change, deidentify } from "@/core/dicom/deidentify";
import { tagOf } from "@/core/dicom/dictionary";
import { previewOf } from "@/core/dicom/preview";
import type { DeidentificationOptions } from "@/core/dicom/profile";
import { readDicom } from "@/core/dicom/read";
import { DicomRefusal } from "@/core/dicom/refusal";
import { itemsOf, number, numbers, ofItems, ofText, text, texts } from "@/core/dicom/values";
import { bytesOfDataSet, writeDicom } from "@/core/dicom/write";
import { dataSet } from "./data";

const options: DeidentificationOptions = {
  cleanPixelData: true,
  cleanDescriptors: true,
  retainModifiedDates: true,
  retainDeviceIdentity: true,
};
const asked = { options, key: new Uint8Array(32).fill(7), offsetDays: -1234, subject: "S-001" };
const explicitLittleEndian = "1.2.840.10008.1.2.1";

/** People that never were, with what a hospital knows of them. */
const patients = [
  {
    name: "Mueller^Erika",
    id: "4711-0815",
    birth: "19611224",
    place: "Charitas Klinikum Waldau",
    phone: "+49 30 5550 1234",
    doctor: "Kowalska^Agnieszka",
  },
  {
    name: "O'Brien^Seán",
    id: "MRN0099817",
    birth: "19450301",
    place: "St Brigid Infirmary",
    phone: "(555) 019-8822",
    doctor: "Dubois^Amélie",
  },
  {
    name: "王^小明",
    id: "H20210077",
    birth: "19880229",
    place: "北京虚构医院",
    phone: "13912345678",
    doctor: "李^建国",
  },
  {
    name: "Yamada^Tarou=山田^太郎",
    id: "JP-77-1234",
    birth: "19700101",
    place: "架空病院 Osaka",
    phone: "06-5550-1234",
    doctor: "Suzuki^Ichiro",
  },
  {
    name: "Long^Head",
    id: "T2-00451",
    birth: "19560715",
    place: "Axial Valley Clinic",
    phone: "555.0199.221",
    doctor: "Fast^Spin",
  },
  {
    name: "de la Cruz^María José",
    id: "12.345.678-9",
    birth: "20010911",
    place: "Hospital Inventado",
    phone: "+56 2 5550 1234",
    doctor: "Nguyễn^Văn An",
  },
];
type Patient = (typeof patients)[number];

/** What every file of a patient says, on which the rest is put. */
const header = ({ name, id, birth, doctor }: Patient) => ({
  SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
  SOPInstanceUID: "1.2.276.0.7230010.3.1.4.99",
  Modality: "MR",
  PatientName: name,
  PatientID: id,
  PatientBirthDate: birth,
  ReferringPhysicianName: doctor,
});

const pieces = (name: string) => name.split(/[\^=]/);
const first = (name: string) => pieces(name)[0] ?? "";

interface Removal {
  category: "name" | "id" | "date" | "place" | "phone";
  place: "public" | "private" | "nested" | "free text" | "elsewhere";
  put: Record<string, unknown>;
  /** None of these may be left. */
  gone: string[];
}

const bytes = (text: string) => new TextEncoder().encode(text.length % 2 ? `${text} ` : text);
const code = (meaning: string) => ({ CodeValue: "AMM211", CodingSchemeDesignator: "99HOSP", CodeMeaning: meaning });

function removalsOf({ name, id, birth, place, phone, doctor }: Patient): Removal[] {
  const family = first(name);
  const physician = first(doctor);
  const inPublic: [Removal["category"], string, string][] = [
    ["name", "PatientName", name],
    ["name", "OtherPatientNames", name],
    ["name", "PatientBirthName", name],
    ["name", "PatientMotherBirthName", name],
    ["name", "ResponsiblePerson", doctor],
    ["name", "ReferringPhysicianName", doctor],
    ["name", "PerformingPhysicianName", doctor],
    ["name", "NameOfPhysiciansReadingStudy", doctor],
    ["name", "OperatorsName", doctor],
    ["name", "RequestingPhysician", doctor],
    ["id", "PatientID", id],
    ["id", "OtherPatientIDs", id],
    ["id", "AccessionNumber", id],
    ["id", "StudyID", id.slice(0, 16)],
    ["id", "AdmissionID", id],
    ["id", "MedicalRecordLocator", id],
    ["id", "IssuerOfPatientID", place],
    ["date", "PatientBirthDate", birth],
    ["date", "LastMenstrualDate", birth],
    ["date", "PatientBirthDateInAlternativeCalendar", birth],
    ["date", "StudyDate", birth],
    ["date", "AcquisitionDateTime", `${birth}101112`],
    ["place", "InstitutionName", place],
    ["place", "InstitutionAddress", place],
    ["place", "InstitutionalDepartmentName", place],
    ["place", "PatientAddress", place],
    ["place", "CountryOfResidence", place],
    ["place", "RequestingService", place],
    ["phone", "PatientTelephoneNumbers", phone],
    ["phone", "ReferringPhysicianTelephoneNumbers", phone],
    ["phone", "PersonTelephoneNumbers", phone],
  ];
  const sentences: [Removal["category"], string, string][] = [
    ["name", `T2 pelvis ${family}`, family],
    ["name", `${family}_t2_tse_tra`, family],
    ["name", `Dr. ${physician} asks`, physician],
    ["id", `t2_tse ${id}`, id],
    ["date", `born ${birth}, T1 post`, birth],
    ["date", `${birth.slice(0, 4)}-${birth.slice(4, 6)}-${birth.slice(6)} follow up`, birth.slice(4)],
    ["place", `sent by ${place}`, place],
    ["phone", `call ${phone} for result`, phone],
    ["phone", "T2 555 019 882", "555 019 882"],
    ["phone", "T2 5.55-01.98 82.1", "98 82"],
    ["date", "T2 axial 24.12.61", "24.12.61"],
    ["date", "1/12/61 pelvis", "1/12/61"],
  ];
  const described = [
    ...[
      "StudyDescription",
      "SeriesDescription",
      "ProtocolName",
      "ImageComments",
      "PatientComments",
      "AdditionalPatientHistory",
    ],
    ...["RequestedProcedureDescription", "PerformedProcedureStepDescription", "ReasonForStudy", "ContrastBolusAgent"],
    ...[
      "AcquisitionProtocolName",
      "DetectorDescription",
      "FrameLabel",
      "PixelSpacingCalibrationDescription",
      "TextValue",
    ],
    ...["FieldOfViewDescription", "InterventionDescription", "DerivationDescription"],
  ];
  const all: [Removal["category"], string][] = [
    ["name", name],
    ["name", physician],
    ["id", id],
    ["date", birth],
    ["place", place],
    ["phone", phone],
  ];
  return [
    ...inPublic.map(
      ([category, keyword, value]): Removal => ({
        category,
        place: "public",
        put: { [keyword]: value },
        gone: category === "name" ? pieces(value) : [value],
      }),
    ),
    ...inPublic.map(
      ([category, keyword, value]): Removal => ({
        category,
        place: "nested",
        put: { ReferencedSeriesSequence: [{ ReferencedInstanceSequence: [{ [keyword]: value }] }] },
        gone: category === "name" ? pieces(value) : [value],
      }),
    ),
    ...described.flatMap((keyword) =>
      sentences.map(
        ([category, value, gone]): Removal => ({
          category,
          place: "free text",
          put: { [keyword]: value },
          gone: [gone],
        }),
      ),
    ),
    ...sentences.flatMap(([category, value, gone]): Removal[] => [
      { category, place: "nested", put: { ProcedureCodeSequence: [code(value)] }, gone: [gone] },
      {
        category,
        place: "nested",
        put: { RequestAttributesSequence: [{ ScheduledProcedureStepDescription: value }] },
        gone: [gone],
      },
      {
        category,
        place: "nested",
        put: { ContentSequence: [{ ConceptNameCodeSequence: [code(value)], TextValue: value }] },
        gone: [gone],
      },
    ]),
    ...all.flatMap(([category, value]): Removal[] => [
      { category, place: "private", put: { "00110010 LO": "ACME 1.1", "00111001 LO": value }, gone: [value] },
      { category, place: "private", put: { "00110010 LO": value.slice(0, 64) }, gone: [value] },
      { category, place: "private", put: { "00110010 LO": "ACME 1.1", "00111002 UN": bytes(value) }, gone: [value] },
      {
        category,
        place: "private",
        put: { "00110010 LO": "ACME 1.1", "00111003 SQ": [{ "00110010 LO": "ACME 1.1", "00111001 LO": value }] },
        gone: [value],
      },
      {
        category,
        place: "private",
        put: { "00190010 LO": "SIEMENS MR HEADER", "0019100C UN": bytes(value) },
        gone: category === "date" ? [] : [value],
      },
      { category, place: "private", put: { "00190010 LO": "SIEMENS MR HEADER", "00191008 CS": value }, gone: [value] },
      {
        category,
        place: "private",
        put: { ReferencedSeriesSequence: [{ "00290010 LO": "SIEMENS CSA HEADER", "00291020 OB": bytes(value) }] },
        gone: [value],
      },
      { category, place: "elsewhere", put: { "00080FFE LO": value }, gone: [value] },
      { category, place: "elsewhere", put: { "60003000 OW": bytes(value), "60000010 US": 1 }, gone: [value] },
      { category, place: "elsewhere", put: { "60100022 LO": value }, gone: [value] },
      { category, place: "elsewhere", put: { "50003000 OW": bytes(value) }, gone: [value] },
      { category, place: "elsewhere", put: { "FFFCFFFC OB": bytes(value) }, gone: [value] },
      { category, place: "elsewhere", put: { EncapsulatedDocument: bytes(value) }, gone: [value] },
      {
        category,
        place: "elsewhere",
        put: { "00180080 FD": bytes(value.padEnd(8 * Math.ceil(value.length / 8))) },
        gone: category === "date" ? [] : [value],
      },
      { category, place: "elsewhere", put: { "00080070 FD": bytes(value) }, gone: [value] },
      { category, place: "elsewhere", put: { RetrieveURL: `https://pacs.example/${value}` }, gone: [value] },
    ]),
    // What a scanner writes stays, unless it names the patient or a number of the patient.
    ...["ManufacturerModelName", "SequenceName", "ReceiveCoilName", "BodyPartExamined"].flatMap(
      (keyword): Removal[] => [
        {
          category: "name",
          place: "free text",
          put: { [keyword]: family.toUpperCase() },
          gone: [family, family.toUpperCase()],
        },
        { category: "id", place: "free text", put: { [keyword]: id }, gone: [id] },
      ],
    ),
    { category: "phone", place: "free text", put: { SequenceName: "13912345678" }, gone: ["13912345678"] },
    { category: "name", place: "elsewhere", put: { SliceThickness: family }, gone: [family] },
    { category: "name", place: "elsewhere", put: { SeriesNumber: family }, gone: [family] },
    {
      category: "id",
      place: "elsewhere",
      put: { SOPInstanceUID: "1.2.276.0.4711.20210101.77" },
      gone: ["1.2.276.0.4711"],
    },
    { category: "id", place: "elsewhere", put: { FrameOfReferenceUID: "1.2.276.0.4711.77" }, gone: ["1.2.276.0.4711"] },
    {
      category: "id",
      place: "nested",
      put: { SourceImageSequence: [{ ReferencedSOPInstanceUID: "1.2.276.0.4711.78" }] },
      gone: ["1.2.276.0.4711"],
    },
    {
      category: "place",
      place: "private",
      put: { "00110010 LO": "ACME 1.1", "00111009 UI": "1.2.276.0.4711.79" },
      gone: ["1.2.276.0.4711"],
    },
  ];
}

/** What research needs, and stays as it is. */
const kept: [
  category: "acquisition" | "geometry" | "pixels" | "device" | "description" | "code" | "private",
  put: Record<string, unknown>,
][] = [
  ...Object.entries({
    Modality: "MR",
    ScanningSequence: "SE",
    SequenceVariant: "SK\\SP\\OSP",
    ScanOptions: "FS\\PFP",
    MRAcquisitionType: "2D",
    SequenceName: "*tse2d1_20",
    PulseSequenceName: "*tse2d1_20",
    RepetitionTime: "3824",
    EchoTime: "110",
    InversionTime: "2500",
    EchoTrainLength: "20",
    FlipAngle: "150",
    NumberOfAverages: "3",
    ImagingFrequency: "123.24197",
    ImagedNucleus: "1H",
    MagneticFieldStrength: "3",
    PixelBandwidth: "203",
    SAR: "1.4511238038051",
    StudyTime: "080748.890000",
    AcquisitionTime: "082627",
    ContentTime: "08:29:21",
    SeriesNumber: "3",
    InstanceNumber: "21",
    AcquisitionNumber: "1",
    EffectiveEchoTime: 110.5,
    AcquisitionMatrix: [0, 320, 224, 0],
    BodyPartExamined: "PELVIS",
    ContrastBolusAgent: "Gadovist",
    ContrastBolusRoute: "IV",
    ContrastBolusVolume: "7.5",
    ImageType: "ORIGINAL\\PRIMARY\\M\\DIS2D",
    SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
  }).map(([keyword, value]): (typeof kept)[number] => ["acquisition", { [keyword]: value }]),
  ...Object.entries({
    SliceThickness: "3",
    SpacingBetweenSlices: "3.3",
    PixelSpacing: "0.5\\0.5",
    ImageOrientationPatient: "1\\0\\0\\0\\0.97\\-0.24",
    ImagePositionPatient: "-73.789356708527\\-97.73828125\\-8.1296310424805",
    SliceLocation: "-8.1296310424805",
    PatientPosition: "FFS",
    PositionReferenceIndicator: "XY",
    ReconstructionDiameter: "240",
  }).map(([keyword, value]): (typeof kept)[number] => ["geometry", { [keyword]: value }]),
  ...Object.entries({
    Rows: 320,
    Columns: 320,
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    SamplesPerPixel: 1,
    PhotometricInterpretation: "MONOCHROME2",
    WindowCenter: "395",
    WindowWidth: "823",
    WindowCenterWidthExplanation: "Algo1",
    RescaleSlope: "1.5",
    RescaleIntercept: "-10",
    LossyImageCompression: "00",
    PixelData: [1, 2, 1000, 4095],
    SmallestImagePixelValue: 1,
  }).map(([keyword, value]): (typeof kept)[number] => ["pixels", { [keyword]: value }]),
  ...Object.entries({
    Manufacturer: "SIEMENS",
    ManufacturerModelName: "MAGNETOM Vida",
    DeviceSerialNumber: "176040",
    StationName: "AWP176040",
    SoftwareVersions: "syngo MR XA20",
    ReceiveCoilName: "BodyMatrix_18",
    TransmitCoilName: "Body",
  }).map(([keyword, value]): (typeof kept)[number] => ["device", { [keyword]: value }]),
  ...[
    ...["t2_tse_tra_320_p2", "AX T2 FSE HR", "T1 VIBE Dixon tra post Gd", "ep2d_diff_b50_b1000"],
    ...[
      "Sag T2 TSE 3mm",
      "Localizer 3 plane",
      "MR PELVIS W WO CONTRAST",
      "轴位 T2 直肠",
      "盆腔 增强",
      "AXIAL T2 PROSTATE 3mm 0gap",
    ],
    ...["AxT2FSE", "DWI ADC map", "t1_mprage_sag_iso", "STIR COR 4.0mm", "Rectum^Staging"],
  ].flatMap((value): typeof kept => [
    ["description", { SeriesDescription: value }],
    ["description", { ProtocolName: value }],
    ["description", { StudyDescription: value }],
  ]),
  [
    "code",
    {
      AnatomicRegionSequence: [
        { CodeValue: "12921003", CodingSchemeDesignator: "SCT", CodeMeaning: "Pelvis structure" },
      ],
    },
  ],
  ["device", { SoftwareVersions: "51.80.108.010\\5.00.02" }],
  ["device", { DeviceSerialNumber: "000000312345678" }],
  [
    "code",
    {
      AnatomicRegionSequence: [{ CodeValue: "363698007", CodingSchemeDesignator: "SCT", CodeMeaning: "Finding Site" }],
    },
  ],
  ["code", { ViewCodeSequence: [{ CodeValue: "G-A138", CodingSchemeDesignator: "SRT", CodeMeaning: "Coronal" }] }],
  ["private", { "00190010 LO": "SIEMENS MR HEADER", "0019100C IS": "1000", "0019100E FD": [0.1, 0.2, 0.9] }],
  ["private", { "20010010 LO": "Philips Imaging DD 001", "20011003 FL": 800 }],
  ["private", { "00430010 LO": "GEMS_PARM_01", "00431039 IS": "1000\\8\\0\\0" }],
];

/** Written, read, de-identified and written again, as a file is. */
function through(given: Record<string, unknown>) {
  const received = readDicom(writeDicom({ data: dataSet(given), transferSyntax: explicitLittleEndian }));
  const done = deidentify(received.data, asked);
  return {
    ...done,
    received,
    before: received.data,
    file: writeDicom({ data: done.data, transferSyntax: received.transferSyntax }),
  };
}

/** Whether a text stands in the bytes as UTF-8, in small or capital letters, and not within a longer word. */
function standsIn(file: Uint8Array, text: string): boolean {
  const all = Buffer.from(file).toString("utf8").toLowerCase();
  const small = text.toLowerCase();
  const isLetter = (letter: string | undefined) => letter !== undefined && /\p{L}/u.test(letter);
  for (let at = all.indexOf(small); at >= 0; at = all.indexOf(small, at + 1))
    if (!isLetter(all[at - 1]) && !isLetter(all[at + small.length])) return true;
  return false;
}

class Tally {
  readonly rows = new Map<string, { right: number; all: number }>();
  count(category: string, isRight: boolean) {
    const row = this.rows.get(category) ?? { right: 0, all: 0 };
    this.rows.set(category, { right: row.right + Number(isRight), all: row.all + 1 });
  }
  get share() {
    const all = [...this.rows.values()];
    return all.reduce((sum, { right }) => sum + right, 0) / all.reduce((sum, row) => sum + row.all, 0);
  }
  toString() {
    return [...this.rows]
      .map(([category, { right, all }]) => `${category}: ${((100 * right) / all).toFixed(2)} % of ${all}`)
      .join("\n");
  }
}

describe("people, numbers, days, places and telephones put into files", () => {
  test("are gone, each of them", () => {
    const tally = new Tally();
    const wrong: string[] = [];
    for (const patient of patients)
      for (const { category, place, put, gone } of removalsOf(patient)) {
        const { file } = through({ ...header(patient), ...put });
        const left = gone.filter((text) => text !== "" && standsIn(file, text));
        tally.count(`${category}, ${place}`, left.length === 0);
        if (left.length > 0) wrong.push(`${JSON.stringify(put)} left ${left}`);
      }
    console.info(`Removed\n${tally}\nall: ${(100 * tally.share).toFixed(2)} %`);
    expect(wrong).toEqual([]);
    expect(tally.share).toBe(1);
  });

  test("are there before: the search finds each in the file that came", () => {
    for (const patient of patients)
      for (const { put, gone } of removalsOf(patient)) {
        const came = bytesOfDataSet(dataSet({ ...header(patient), ...put }));
        for (const text of gone.filter((each) => each !== "")) expect(standsIn(came, text), text).toBe(true);
      }
  });

  test("and what research needs stays as it was, to 99.9 %", () => {
    const tally = new Tally();
    const wrong: string[] = [];
    for (const patient of patients.slice(0, 4))
      for (const [category, put] of kept)
        for (const nested of [false, true]) {
          const given = nested ? { PerFrameFunctionalGroupsSequence: [{ ReferencedSeriesSequence: [put] }] } : put;
          const { before, data } = through({ ...header(patient), ...given });
          const inner = (of: DataSet) => {
            const [frame] = itemsOf(of, tagOf("PerFrameFunctionalGroupsSequence"));
            return (nested && frame && itemsOf(frame, tagOf("ReferencedSeriesSequence"))[0]) || of;
          };
          for (const tag of dataSet(put).keys()) {
            const [was, is] = [inner(before).get(tag), inner(data).get(tag)];
            const stays =
              was !== undefined &&
              is !== undefined &&
              bytesOfDataSet(new Map([[tag, was]])).join() === bytesOfDataSet(new Map([[tag, is]])).join();
            tally.count(category, stays);
            if (!stays) wrong.push(`${JSON.stringify(put)} of ${patient.name}`);
          }
        }
    console.info(`Kept\n${tally}\nall: ${(100 * tally.share).toFixed(2)} %`);
    expect(wrong).toEqual([]);
    expect(tally.share).toBeGreaterThanOrEqual(0.999);
  });
});

describe("what is written instead", () => {
  const [patient = patients[0]] = patients;
  const given = {
    ...header(patient as Patient),
    StudyInstanceUID: "1.2.276.0.1",
    StudyDate: "20240301",
    SeriesDate: "2024.02.29",
    AcquisitionDateTime: "20240301101112.5+0800",
    ContentDate: "someday",
    ReferencedStudySequence: [{ ReferencedSOPInstanceUID: "1.2.276.0.1" }],
    ReferencedSeriesSequence: [{ SeriesInstanceUID: "1.2.276.0.1", PerformedProcedureStepStartDate: "20240229" }],
    ProcedureCodeSequence: [code("MRI pelvis by Dr Kowalska")],
  };

  test("the subject's number is name and id, and the file says what was done to it, by text and code", () => {
    const { data } = through(given);
    expect(text(data, tagOf("PatientName"))).toBe("S-001");
    expect(text(data, tagOf("PatientID"))).toBe("S-001");
    expect(text(data, tagOf("PatientBirthDate"))).toBeUndefined();
    expect(text(data, tagOf("PatientIdentityRemoved"))).toBe("YES");
    expect(text(data, tagOf("LongitudinalTemporalInformationModified"))).toBe("MODIFIED");
    const codes = itemsOf(data, tagOf("DeidentificationMethodCodeSequence"));
    expect(codes.map((item) => text(item, tagOf("CodeValue")))).toEqual([
      "113100",
      "113101",
      "113105",
      "113107",
      "113109",
    ]);
    expect(texts(data, tagOf("DeidentificationMethod"))[0]).toBe("Basic Application Confidentiality Profile");
  });

  test("dates are moved by the offset at every depth, with their time and zone; what is no date is not kept", () => {
    const { data } = through(given);
    // 1 March 2024 less 1234 days, by Python's datetime: 14 October 2020.
    expect(text(data, tagOf("StudyDate"))).toBe("20201014");
    expect(text(data, tagOf("SeriesDate"))).toBe("20201013");
    expect(text(data, tagOf("AcquisitionDateTime"))).toBe("20201014101112.5+0800");
    expect(text(data, tagOf("ContentDate"))).toBe("19000101");
    const [series] = itemsOf(data, tagOf("ReferencedSeriesSequence"));
    expect(series && text(series, tagOf("PerformedProcedureStepStartDate"))).toBe("20201013");
  });

  test("a UID has one stand-in wherever it stands, another under another key, and is one of PS3.5 annex B", () => {
    const { data, before } = through(given);
    const uid = text(data, tagOf("StudyInstanceUID")) ?? "";
    expect(uid).toMatch(/^2\.25\.[1-9]\d{30,38}$/);
    expect(uid.length).toBeLessThanOrEqual(64);
    const [series] = itemsOf(data, tagOf("ReferencedSeriesSequence"));
    expect(series && text(series, tagOf("SeriesInstanceUID"))).toBe(uid);
    const other = deidentify(before, { ...asked, key: new Uint8Array(32) });
    expect(text(other.data, tagOf("StudyInstanceUID"))).not.toBe(uid);
    // HMAC-SHA-256 under 32 bytes of 7, by Python: hmac.new(bytes([7])*32, b"1.2.276.0.1", "sha256"), first 16 bytes, version 8 and variant set.
    expect(uid).toBe("2.25.99102398796913736872886222891519318048");
  });

  test("of a hospital's own code stays what is on the allow-list", () => {
    const [item] = itemsOf(through(given).data, tagOf("ProcedureCodeSequence"));
    expect(item && text(item, tagOf("CodeMeaning"))).toBe("MRI pelvis");
    expect(item && text(item, tagOf("CodeValue"))).toBe("REMOVED");
  });

  test("identity comes back apart, and the list of changes holds no value of it", () => {
    const { identity, changes } = through({ ...given, OtherPatientIDs: "77\\88", PatientSex: "F" });
    expect(identity).toEqual({
      name: "Mueller^Erika",
      id: "4711-0815",
      otherIds: ["77", "88"],
      birthDate: "1961-12-24",
      sex: "F",
    });
    expect(JSON.stringify(changes)).not.toMatch(/Mueller|4711|1961/);
    const action = (path: string) => changes.find((change: Change) => change.path === path)?.action;
    expect(action("00080020")).toBe("shifted");
    expect(action("0020000D")).toBe("hashed");
    expect(action("00081115[0].00400244")).toBe("shifted");
    expect(action("00120062")).toBe("added");
    expect(action("00080060")).toBeUndefined();
  });

  test("a dry run shows each attribute before and after, what is done with it and what decided that", () => {
    const { received, ...done } = through({
      ...given,
      ...{
        Modality: "MR",
        StationName: "AWP1",
        ReferencedPatientSequence: [{ ReferencedSOPInstanceUID: "1.2.276.0.2" }],
      },
    });
    const rows = previewOf(received, done, options);
    const row = (name: string) => rows.find((each) => each.name === name);
    expect(row("PatientName")).toMatchObject({
      before: "Mueller^Erika",
      after: "S-001",
      action: "replaced",
      by: "result",
    });
    expect(row("StudyDate")).toMatchObject({ before: "20240301", after: "20201014", by: "retainModifiedDates" });
    expect(row("StationName")).toMatchObject({ before: "AWP1", after: "AWP1", by: "retainDeviceIdentity" });
    expect(row("Modality")).toMatchObject({ before: "MR", after: "MR", action: "kept" });
    expect(row("PatientIdentityRemoved")).toMatchObject({ before: null, after: "YES", action: "added" });
    expect(row("MediaStorageSOPClassUID")).toMatchObject({ action: "kept" });
    expect(row("CodeMeaning")).toMatchObject({
      path: "00081032[0].00080104",
      before: "MRI pelvis by Dr Kowalska",
      after: "MRI pelvis",
    });
    // What stood in a sequence that is gone is gone with it, and is listed.
    expect(row("ReferencedPatientSequence")).toMatchObject({ before: "[1]", after: null, action: "removed" });
    expect(rows.find(({ path }) => path === "00081120[0].00081155")).toMatchObject({
      ...{ before: "1.2.276.0.2", after: null, action: "removed", by: "profile" },
    });
  });

  test("the same file gives the same bytes", () => {
    expect(through(given).file).toEqual(through(given).file);
  });
});

test("without options it is the Basic Profile: no date, device or description stays", () => {
  const none = {
    cleanPixelData: false,
    cleanDescriptors: false,
    retainModifiedDates: false,
    retainDeviceIdentity: false,
  };
  const before = dataSet({
    StudyDate: "20240301",
    StationName: "AWP1",
    SeriesDescription: "t2_tse_tra",
    StudyTime: "0807",
    Manufacturer: "SIEMENS",
  });
  const { data } = deidentify(before, { ...asked, options: none });
  expect(text(data, tagOf("StudyDate"))).toBeUndefined();
  expect(text(data, tagOf("StudyTime"))).toBeUndefined();
  expect(text(data, tagOf("StationName"))).toBe("REMOVED");
  expect(data.has(tagOf("SeriesDescription"))).toBe(false);
  expect(text(data, tagOf("Manufacturer"))).toBe("SIEMENS");
  expect(text(data, tagOf("LongitudinalTemporalInformationModified"))).toBe("REMOVED");
  expect(itemsOf(data, tagOf("DeidentificationMethodCodeSequence"))).toHaveLength(1);
});

test("an overlay in the bits beyond the picture goes, and the picture stays", () => {
  const before = dataSet({
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    "60000102 US": 12,
    "60000100 US": 16,
    PixelData: [0x1fff, 0xf001, 0x0abc],
  });
  const { data } = deidentify(before, asked);
  expect(numbers(data, tagOf("PixelData"))).toEqual([0x0fff, 0x0001, 0x0abc]);
  expect([...data.keys()].some((tag) => tag.startsWith("60"))).toBe(false);
  expect(number(data, tagOf("BitsStored"))).toBe(12);
});

test("a code in small letters is put right, value by value, and one that names somebody goes", () => {
  const before = dataSet({
    PatientName: "Mueller^Erika",
    ImageType: "DERIVED\\Primary\\AXIAL\\CMP_2.7.0(Kowalska)",
    BodyPartExamined: "Pelvis",
    ScanOptions: "FS\\MUELLER",
  });
  const { data } = deidentify(before, asked);
  expect(texts(data, tagOf("ImageType"))).toEqual(["DERIVED", "PRIMARY", "AXIAL", "REMOVED"]);
  expect(texts(data, tagOf("BodyPartExamined"))).toEqual(["PELVIS"]);
  expect(texts(data, tagOf("ScanOptions"))).toEqual(["FS", "REMOVED"]);
});

test("a safe private element keeps its creator, and the creator goes with the last of its elements", () => {
  const both = dataSet({ "00190010 LO": "SIEMENS MR HEADER", "0019100C IS": "1000", "00191008 CS": "IMAGE NUM 4" });
  const { data } = deidentify(both, asked);
  expect([...data.keys()].filter((tag) => tag.startsWith("0019"))).toEqual(["00190010", "0019100C"]);
  const codes = itemsOf(data, tagOf("DeidentificationMethodCodeSequence"));
  expect(codes.map((item) => text(item, tagOf("CodeValue")))).toContain("113111");
  const alone = deidentify(dataSet({ "00190010 LO": "SIEMENS MR HEADER", "00191008 CS": "IMAGE NUM 4" }), asked);
  expect([...alone.data.keys()].filter((tag) => tag.startsWith("0019"))).toEqual([]);
});

test("names without end are refused before each of them is hashed", () => {
  const uids = (count: number) => ofText("UI", "1\\".repeat(count));
  const refusalOf = (data: DataSet) => {
    try {
      deidentify(data, asked);
    } catch (error) {
      if (error instanceof DicomRefusal) return error.said.values;
      throw error;
    }
    return "taken";
  };
  const image = dataSet({ Modality: "MR" });
  const [of, within] = [tagOf("SOPInstanceUID"), tagOf("ReferencedImageSequence")];
  expect(refusalOf(new Map([...image, [of, uids(1_000)]]))).toBe("taken");
  expect(refusalOf(new Map([...image, [of, uids(100_000)]]))).toEqual({ detail: "> 50000 UI" });
  const items = [1, 2].map(() => new Map([[tagOf("ReferencedSOPInstanceUID"), uids(30_000)]]));
  expect(refusalOf(new Map([...image, [within, ofItems(items)]]))).toEqual({ detail: "> 50000 UI" });
});
