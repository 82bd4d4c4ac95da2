import { type StudyActor, withActor } from "@/server/door";
import { addCrop } from "./add-crop";
import { decodeUpload } from "./decode-upload";
import { findCropPlace } from "./find-crop-place";
import type { CropImage } from "./kept-image";
import { noteStoring } from "./note-storing";
import { storeFiles } from "./store-files";

/**
 * Takes one crop of a node in a plane. Its place is looked at before it is read and decoded, which is dear, and again before anything is stored; one
 * transaction stores and names it. Manages its own transactions.
 * @param options.read gives the bytes of the file
 * @throws AppError as `decodeCrop` and `addCrop`. Nothing is saved then: what was stored by then goes within some minutes
 */
export async function uploadCrop(
  actor: StudyActor,
  options: { nodeId: string; plane: string; replaces: string | null; name: string; read: () => Promise<Uint8Array> },
): Promise<CropImage> {
  await withActor(actor, (tx) => findCropPlace(tx, actor, options));
  const { image, files } = await decodeUpload({ name: options.name, bytes: await options.read() });
  const attempt = await withActor(actor, async (tx) => {
    await findCropPlace(tx, actor, options);
    return noteStoring(
      tx,
      files.map(({ sha256 }) => sha256),
    );
  });
  await withActor(actor, async (tx) =>
    addCrop(tx, actor, { ...options, image, files: await storeFiles(tx, attempt, files) }),
  );
  return image;
}
