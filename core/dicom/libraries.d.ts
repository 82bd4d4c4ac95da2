declare module "dicom-character-set" {
  /** Text of the bytes of a value, PS3.5 section 6.1; throws for a character set that it does not know. */
  export function convertBytes(
    specificCharacterSet: string | undefined,
    bytes: Uint8Array,
    options?: { vr?: string },
  ): string;
}

declare module "dicom-parser" {
  /** The package is no ES module: Node gives its functions together, as the default. */
  const library: { parseDicom: typeof parseDicom; readPart10Header: typeof readPart10Header };
  export default library;
}
