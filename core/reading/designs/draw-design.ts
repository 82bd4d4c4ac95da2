import { crossover } from "./crossover";
import type { Design, DesignInput, DrawnList } from "./design";
import { randomBlocks } from "./random-blocks";
import { sequential } from "./sequential";
import { groupsOf, splitPlot } from "./split-plot";

/** How a design that has parts is divided. */
export interface Division {
  /** Of random blocks: most cases of one. */
  blockSize: number;
  /** Of a split plot: how many groups of readers. */
  groups: number;
}

/** The lists that a design gives to what is lacking: those of a reader in the order in which they are read. */
export function drawDesign(design: Design, input: DesignInput, { blockSize, groups }: Division): DrawnList[] {
  switch (design) {
    case "sequential":
      return sequential(input);
    case "crossover":
      return crossover(input);
    case "random-blocks":
      return randomBlocks({ ...input, blockSize });
    case "split-plot":
      return splitPlot({ ...input, groups: groupsOf(input.readers, groups) });
  }
}
