import { largestImageFile } from "@/server/schemas/series";

/** Bytes of images that have begun to come, of all connections together: one of the largest, and many of the usual ones. */
const most = largestImageFile + 128 * 1024 ** 2;

let inHand = 0;

/** What one connection has in hand of the memory that all of them share. */
export class InHand {
  private bytes = 0;

  /** Whether there is room for it: not where an image becomes longer than any that is taken, or where the connections together hold too much. */
  add(more: number): "taken" | "too_long" | "no_room" {
    this.bytes += more;
    inHand += more;
    return this.bytes > largestImageFile ? "too_long" : inHand > most ? "no_room" : "taken";
  }

  letGo(): void {
    inHand -= this.bytes;
    this.bytes = 0;
  }
}
