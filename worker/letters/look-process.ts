import { setPriority } from "node:os";
import { frameCount } from "@/core/dicom/frame";
import { readDicom } from "@/core/dicom/read";
import { DicomRefusal } from "@/core/dicom/refusal";
import type { SeenLetters } from "@/db/schema";
import { AppError } from "@/server/errors";
import { largestImageFile } from "@/server/schemas/series";
import { drawFrame } from "@/server/services/series/draw-frame";
import { isLost, proveStore, readObject } from "@/server/store";
import { serveIsolated } from "@/worker/isolated";
import { lookMethod, openLetterReader } from "./open-letter-reader";

/** "frame": a sign that it goes on; "away": the store does not answer, and the file is not to blame for what comes next. `method` is null where the file could not be looked at. */
export type LookMessage =
  | { kind: "ready" | "frame" | "away" }
  | { kind: "looked"; method: string | null; letters: SeenLetters[] };

/** The file to look at; null: there is none, and the process may end. */
export type LookOrder = { sha256: string } | null;

/** No fault of the worker: the file or its pixels are damaged. */
const isOfFile = (error: unknown) =>
  error instanceof DicomRefusal || (error instanceof AppError && error.code === "invalid");

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
      const unseen = { kind: "looked" as const, method: null, letters: [] };
      if (isOfFile(error)) return unseen;
      // A file is gone, or no disk is where the store was.
      await proveStore().catch(async (away) => {
        await send({ kind: "away" });
        throw away;
      });
      if (isLost(error)) return unseen;
      throw error;
    }
  };
  for (let order = await ask({ kind: "ready" }); order; ) order = await ask(await look(order.sha256));
});
