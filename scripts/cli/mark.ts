import { splitLeaks } from "@/core/protocol/regimen";
import { type Said, sayIn } from "@/core/words";
import type { Run } from "@/server/schemas/model";
import { cautionsOf } from "@/server/services/model/cautions-of";
import { words } from "./words";

/**
 * What the numbers of a run must not be read without, wherever a command shows them.
 * @param run with the cautions of its use, where it speaks for the network
 * @returns `words`: a line each; `json`: for programs, in English, null where nothing was split here; `column`: one of its CSV files, absent
 * where there is nothing to say
 */
export function markOf(run: Pick<Run, "config" | "leakage" | "lookAlikes"> & { cautions?: readonly Said[] }) {
  const { config, cautions = cautionsOf(run) } = run;
  const isSplit = config.trainable !== "elsewhere";
  return {
    words: cautions.map((caution) => words("caution", { caution })),
    json: {
      splitUnit: isSplit ? config.splitUnit : null,
      leaks: isSplit ? splitLeaks(config) : null,
      cautions: cautions.map(sayIn("en")),
    },
    column: cautions.length > 0 ? { caution: cautions.map(sayIn("en")).join("; ") } : {},
  };
}
