import type { Shown } from "@/core/protocol/conditions";

/** What a list of the database shows, for as long as its column `shows_size` says so. */
export const shownBy = (showsSize: boolean): Shown[] => (showsSize ? ["size"] : []);

/** The column `shows_size` of a list in a condition. */
export const showsSize = (shows: readonly Shown[]): boolean => shows.includes("size");
