import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import type { Tf } from "@/worker/engines";
import type { Check } from "./checks";
import { forwardFixture, gradCamFixture, preprocessingFixture, trainFixture } from "./fixtures";
import { checkForward } from "./forward";
import { checkGradCam } from "./grad-cam";
import { checkPreprocessing } from "./preprocessing";
import { checkTraining } from "./train";

export interface ParityResult {
  /** Without `.json`. */
  file: string;
  checks: Check[];
  /** Why the file could not be compared: unreadable, an unknown field, an unknown kind. */
  problem: string | null;
  seconds: number;
}

/** Files that lie beside the fixtures: what made them, and what is said about them. */
const otherFiles = new Set(["mutations.json", "brain_split.json", "keras_sanity.json", "formula.mjs"]);
const isOther = (name: string) => otherFiles.has(name) || /\.(py|md)$|^\.|^__pycache__$/.test(name);

/** The files of a folder that are to be compared, in order; every one that is not known to be something else. */
export const parityFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => !isOther(name))
    .sort();

async function checksOf(tf: Tf, name: string, content: unknown): Promise<Check[]> {
  if (/^forward/.test(name)) return checkForward(tf, forwardFixture.parse(content));
  if (/^train_/.test(name)) return checkTraining(tf, trainFixture.parse(content));
  if (/^gradcam/.test(name)) return checkGradCam(tf, gradCamFixture.parse(content));
  if (/^preprocessing/.test(name)) return checkPreprocessing(preprocessingFixture.parse(content));
  throw new Error("a kind of file that is not known");
}

/** Compares one file with what this engine computes. */
export async function runParity(tf: Tf, folder: string, name: string): Promise<ParityResult> {
  const started = performance.now();
  const file = basename(name, ".json");
  const result = (checks: Check[], problem: string | null): ParityResult => ({
    file,
    checks,
    problem,
    seconds: (performance.now() - started) / 1000,
  });
  try {
    if (!name.endsWith(".json")) throw new Error("a kind of file that is not known");
    return result(await checksOf(tf, name, JSON.parse(readFileSync(join(folder, name), "utf8"))), null);
  } catch (error) {
    return result([], error instanceof z.ZodError ? z.prettifyError(error) : String(error));
  }
}
