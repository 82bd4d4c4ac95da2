import { setPriority } from "node:os";
import { frameCount } from "@/core/dicom/frame";
import { readDicom } from "@/core/dicom/read";
import { DicomRefusal } from "@/core/dicom/refusal";
import type { SeenLetters } from "@/db/schema";
import { AppError } from "@/server/errors";
import { largestImageFile } from "@/server/schemas/series";
import { drawFrame } from "@/server/services/series/draw-frame";
import { isLost, readObject } from "@/server/store";
import { serveIsolated } from "@/worker/isolated";
import { lookMethod, openLetterReader } from "./open-letter-reader";

/** "frame": a sign that it goes on. `method` is null where the file could not be looked at. */
export type LookMessage =
  | { kind: "ready" | "frame" }
  | { kind: "looked"; method: string | null; letters: SeenLetters[] };

/** The file to look at; null: there is none, and the process may end. */
export type LookOrder = { sha256: string } | null;

/** No fault of the worker: the file is gone or damaged, or its pixels are. */
const isOfFile = (error: unknown) =>
  error instanceof DicomRefusal || isLost(error) || (error instanceof AppError && error.code === "invalid");

/** Looks for letters in every frame of a file after the other, each from its lowest value to its highest, as long as it is given files. */
serveIsolated<null, LookMessage, LookOrder>(async (_, send, ask) => {
  // Pages come first. Not as far behind as what computes for hours: an image that waits is one that nobody can work on, and a training would keep it waiting to its end.
  setPriority(5);
  const lettersIn = await openLetterReader();
  const look = async (sha256: string): Promise<LookMessage> => {
    try {
      const file = readDicom(await readObject(sha256, { limit: largestImageFile }));
      const letters: SeenLetters[] = [];
      for (let frame = 1; frame <= frameCount(file.data); frame++) {
        letters.push(
          ...(await lettersIn(await drawFrame(file, { frame, shown: "all" }))).map((each) => ({ frame, ...each })),
        );
        await send({ kind: "frame" });
      }
      return { kind: "looked", method: lookMethod, letters };
    } catch (error) {
      if (isOfFile(error)) return { kind: "looked", method: null, letters: [] };
      throw error;
    }
  };
  for (let order = await ask({ kind: "ready" }); order; ) order = await ask(await look(order.sha256));
});
