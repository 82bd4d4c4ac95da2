import { randomUUID } from "node:crypto";
import type { Attribute, File, Group } from "h5wasm";

/*
 * HDF5 through h5wasm, the HDF5 library of the HDF Group in WebAssembly. It works on files, here on those in its own memory. Loaded when it
 * is first needed: 8 MB.
 */

/** A file that is no whole HDF5 file, or not one of the expected kind. The message names what was found and what to do. */
export class WeightsFileError extends Error {
  override name = "WeightsFileError";
}

const signature = Buffer.from("\x89HDF\r\n\x1a\n", "latin1");

async function library() {
  const h5wasm = await import("h5wasm");
  const module = await h5wasm.ready;
  // Without it the library prints its errors and goes on.
  module.activate_throwing_error_handler();
  if (!h5wasm.FS) throw new Error("h5wasm came without its file system.");
  return { File: h5wasm.File, files: h5wasm.FS, path: `/${randomUUID()}.h5` };
}

/**
 * Opens the bytes of an HDF5 file for reading.
 * @param use must take out all it needs: the file is closed behind it
 * @throws WeightsFileError on another kind of file, or one cut short
 */
export async function readHdf5<T>(bytes: Uint8Array, use: (file: File) => T): Promise<T> {
  if (!signature.equals(bytes.subarray(0, signature.length)))
    throw new WeightsFileError(
      "This is not an HDF5 file (.h5): it does not begin as one. Give a weights file of Keras.",
    );
  const { File, files, path } = await library();
  files.writeFile(path, bytes);
  try {
    const file = new File(path, "r");
    try {
      return use(file);
    } finally {
      file.close();
    }
  } catch (error) {
    if (!String(error).includes("HDF5-DIAG")) throw error;
    const what = /truncated/i.test(String(error)) ? "it is cut short" : "its structure is damaged";
    throw new WeightsFileError(`The HDF5 file of ${bytes.length} bytes cannot be read: ${what}. Copy it again.`);
  } finally {
    files.unlink(path);
  }
}

/** The bytes of an HDF5 file in the oldest format, which every reader knows. @param fill writes what is in it */
export async function makeHdf5(fill: (file: File) => void): Promise<Uint8Array> {
  const { File, files, path } = await library();
  const file = new File(path, "w", { libver: ["earliest", "v110"] });
  try {
    try {
      fill(file);
    } finally {
      file.close();
    }
    return files.readFile(path);
  } finally {
    files.unlink(path);
  }
}

function textsOf({ value }: Attribute): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.map(String) : [];
}

/**
 * The texts of an attribute, put together where Keras cut a long list into `name0`, `name1`, ..
 * @returns an empty list for an empty attribute, undefined when there is none
 */
export function attributeTexts({ attrs }: Group | File, name: string): string[] | undefined {
  const whole = attrs[name];
  if (whole) return textsOf(whole);
  const parts: string[] = [];
  let part = attrs[`${name}0`];
  if (!part) return undefined;
  for (let i = 1; part; i++) {
    parts.push(...textsOf(part));
    part = attrs[`${name}${i}`];
  }
  return parts;
}

/** Writes one text as an attribute. */
export const setAttributeText = (group: Group | File, name: string, text: string): void =>
  group.create_attribute(name, text, [], `S${Buffer.byteLength(text)}`);

/** Writes texts as an attribute of fixed-length strings, as Keras does. @throws RangeError above the 64 KB that an attribute can hold */
export function setAttributeTexts(group: Group | File, name: string, texts: readonly string[]): void {
  const bytes = Math.max(1, ...texts.map((text) => Buffer.byteLength(text)));
  if (bytes * texts.length > 64_512) throw new RangeError(`The attribute ${name} is too long for HDF5.`);
  group.create_attribute(name, [...texts], [texts.length], `S${bytes}`);
}
