import { AppError } from "@/server/errors";

/** Programs write one to ten; the finest way to send a picture step by step (a bit of a component at a time) has some ninety. */
const mostScans = 100;

const [prefix, startOfScan, endOfImage] = [0xff, 0xda, 0xd9];
/** Markers that stand alone: no length follows (ITU-T T.81, table B.1). */
const standsAlone = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

/**
 * Walks the segments of a JPEG as the decoder does. Each scan of a progressive one goes through all of the picture, however little it holds: some hundred kB of
 * them take the decoder as many seconds.
 * @throws AppError "invalid" that names the file when it has more scans than any picture needs
 */
export function refuseManyScans({ name, jpeg }: { name: string; jpeg: Uint8Array }): void {
  const all = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  let scans = 0;
  for (let at = 2; ; ) {
    at = all.indexOf(prefix, at);
    if (at < 0) return;
    while (all[at] === prefix) at += 1;
    const marker = all[at++];
    // Behind 0 goes the data of a scan on, in which a level of 255 is written so.
    if (marker === undefined || marker === endOfImage) return;
    if (marker === 0 || standsAlone(marker)) continue;
    if (marker === startOfScan && ++scans > mostScans)
      throw new AppError("invalid", { key: "errors.image_of_many_scans", values: { name, limit: mostScans } });
    if (at + 2 > all.length) return;
    at += all.readUInt16BE(at);
  }
}
