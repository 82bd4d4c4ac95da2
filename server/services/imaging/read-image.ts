import { readObject } from "@/server/store";

/** Above the largest image that was ever taken: 4096 x 4096 pixels in three colours of 16 bits, should they not compress at all. */
const limit = 128 * 1024 ** 2;

/** A stored image whole. @throws AppError "unavailable" when it is missing or damaged */
export const readImage = (sha256: string): Promise<Buffer> => readObject(sha256, { limit });
