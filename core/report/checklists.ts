import { isWordKey, type WordKey } from "../words";
import type { ReportTable } from "./parts";
import type { Writer } from "./writer";

/** Where a report can answer an item. */
type Place =
  | "title"
  | "design"
  | "tests"
  | "network"
  | "statistics"
  | "results"
  | "limits"
  | "table1"
  | "table2"
  | "table3"
  | "table4"
  | "figure1"
  | "figure2";

/**
 * Every item of the reporting guidelines by its number there, with where a report answers it; without a place the records cannot answer it.
 * STARD 2015 has 30 items, 34 with their parts; CLAIM, as updated in 2024, 44; TRIPOD+AI 27, 52 with their parts. What each asks for is told in short, in
 * words of ours.
 */
export const checklists = {
  stard: [
    ["1", "title"],
    ["2"],
    ["3"],
    ["4", "statistics"],
    ["5"],
    ["6", "design"],
    ["7"],
    ["8"],
    ["9"],
    ["10a", "tests", "network"],
    ["10b", "design"],
    ["11"],
    ["12a", "tests", "network"],
    ["12b", "design"],
    ["13a", "tests"],
    ["13b"],
    ["14", "statistics"],
    ["15", "statistics", "table4"],
    ["16", "statistics", "figure1"],
    ["17", "statistics"],
    ["18"],
    ["19", "figure1"],
    ["20", "table1"],
    ["21a", "table1"],
    ["21b"],
    ["22"],
    ["23", "table2"],
    ["24", "table2", "table3"],
    ["25"],
    ["26", "limits"],
    ["27"],
    ["28"],
    ["29", "design"],
    ["30"],
  ],
  claim: [
    ["1", "title"],
    ["2"],
    ["3"],
    ["4", "statistics"],
    ["5"],
    ["6", "statistics"],
    ["7"],
    ["8", "design"],
    ["9", "network"],
    ["10"],
    ["11"],
    ["12", "statistics"],
    ["13"],
    ["14", "design"],
    ["15"],
    ["16", "design"],
    ["17"],
    ["18", "results"],
    ["19", "network"],
    ["20", "network"],
    ["21"],
    ["22", "network"],
    ["23"],
    ["24", "network"],
    ["25", "network"],
    ["26", "network"],
    ["27"],
    ["28", "statistics"],
    ["29", "statistics"],
    ["30"],
    ["31"],
    ["32", "table2"],
    ["33"],
    ["34"],
    ["35", "figure1"],
    ["36", "table1"],
    ["37", "results"],
    ["38", "table2"],
    ["39"],
    ["40", "limits"],
    ["41"],
    ["42", "design"],
    ["43"],
    ["44"],
  ],
  tripod_ai: [
    ["1", "title"],
    ["2"],
    ["3a"],
    ["3b"],
    ["3c"],
    ["4", "statistics"],
    ["5a"],
    ["5b"],
    ["6a"],
    ["6b", "design"],
    ["6c"],
    ["7", "network"],
    ["8a", "design"],
    ["8b"],
    ["8c"],
    ["9a"],
    ["9b"],
    ["9c"],
    ["10"],
    ["11", "statistics"],
    ["12a", "network"],
    ["12b", "network"],
    ["12c", "network"],
    ["12d"],
    ["12e", "statistics"],
    ["12f"],
    ["12g", "network"],
    ["13", "network"],
    ["14"],
    ["15", "network"],
    ["16"],
    ["17"],
    ["18a"],
    ["18b"],
    ["18c", "design"],
    ["18d"],
    ["18e"],
    ["18f"],
    ["19"],
    ["20a", "figure1"],
    ["20b", "table1"],
    ["20c"],
    ["21", "results"],
    ["22"],
    ["23a", "table2", "figure2"],
    ["23b"],
    ["24"],
    ["25"],
    ["26", "limits"],
    ["27a"],
    ["27b"],
    ["27c"],
  ],
} as const satisfies Record<string, readonly (readonly [item: string, ...places: Place[]])[]>;

const lists: Record<keyof typeof checklists, readonly (readonly [item: string, ...places: Place[]])[]> = checklists;

const sources: Record<keyof typeof checklists, string> = {
  stard: "Bossuyt PM et al. BMJ 2015;351:h5527",
  claim: "Tejani AS et al. Radiol Artif Intell 2024;6:e240300",
  tripod_ai: "Collins GS et al. BMJ 2024;385:e078378",
};

/** What an item asks for, in `core/words/<language>/checklists.json`. */
function wordOf(name: string, item: string): WordKey {
  const key = `checklists.${name}.i${item}`;
  if (!isWordKey(key)) throw new Error(`${key} has no words.`);
  return key;
}

/** A checklist with where each item is answered. What is asked of a network is answered where one was trained here. */
export function checklistOf(w: Writer, name: keyof typeof checklists): ReportTable {
  const { say, speak, result } = w;
  const { run } = result.about;
  const isAnswered = (place: Place) =>
    place === "network"
      ? run !== null && run.trainable !== "elsewhere"
      : place === "tests"
        ? result.reads.length > 0
        : place !== "table4" || result.notEvaluable.length > 0;
  const inWords = (place: Place): string => {
    switch (place) {
      case "design":
      case "tests":
      case "network":
      case "statistics":
        return say("place.section", { name: say(`heading.${place}`) });
      case "results":
      case "limits":
        return say(`heading.${place}`);
      default:
        return say(`place.${place}`);
    }
  };
  return {
    title: say("checklists.titled", { name: say(`checklists.${name}`), source: sources[name] }),
    head: [say("checklists.item"), say("checklists.what"), say("checklists.where")],
    rows: lists[name].map(([item, ...all]) => {
      const places = all.filter(isAnswered);
      return {
        cells: [
          item,
          speak({ key: wordOf(name, item) }),
          places.length > 0 ? w.list(places.map(inWords), "apart") : say("checklists.blank"),
        ],
      };
    }),
    widths: [8, 56, 36],
    texts: 3,
    notes: [],
  };
}
