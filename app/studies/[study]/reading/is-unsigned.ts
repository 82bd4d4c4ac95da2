import type { ReadingList } from "@/server/schemas/reading";

/** Whether a list is read to its end and its reads, as they stand, are not signed. */
export const isUnsigned = ({ toSign }: ReadingList): boolean => toSign !== null && toSign.signed?.stands !== true;
