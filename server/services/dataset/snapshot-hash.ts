import { sha256 } from "@/server/sha256";

interface HashedItem {
  subject: string;
  node: string;
  plane: string;
  /** Of the image; null without a picture. */
  sha256: string | null;
  truth: number;
  fold: number;
}

/** SHA-256 over the items of a snapshot, in their order: the same data and split have the same hash in every installation. */
export const snapshotHash = (items: readonly HashedItem[]): string =>
  sha256(
    items
      .map(({ subject, node, plane, sha256, truth, fold }) => [subject, node, plane, sha256, truth, fold].join(" "))
      .join("\n"),
  );
