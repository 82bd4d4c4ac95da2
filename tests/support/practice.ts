import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { importPractice } from "@/server/services/practice/import-practice";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { type DrawnPractice, practiceFolder } from "./practice-folder";

/** Brings practice cases into a study, as the command line does. */
export async function bringPractice(slug: string, cases: readonly DrawnPractice[]) {
  const folder = await practiceFolder(cases);
  const { actor } = await studyAsCommandLine(slug);
  return importPractice(actor, { table: await readFile(join(folder, "practice.csv")), folder });
}

/** The protocol of the demonstration, with more of what it says of reading. @param reading YAML, e.g. "practice: { passMark: 0.75 }" */
export async function protocolThatReads(reading: string): Promise<string> {
  const { source } = await shippedProtocol("demonstration");
  return source.replace("reading: { case: image }", `reading: { case: image, ${reading} }`);
}

/** The protocol of the demonstration, that asks for practice. */
export const practisedProtocol = (practice = "{ passMark: 0.75 }") => protocolThatReads(`practice: ${practice}`);
