import type { ComparisonOutput } from "@/server/schemas/analysis";

/** What every figure of a comparison is drawn from, and which marks it carries. */
export interface FigureProps {
  comparison: ComparisonOutput;
  synthetic: boolean;
  /** Whether the split of the network's run leaks. */
  leaks: boolean;
}

/** Of a figure that follows the unit that is shown. */
export interface UnitFigureProps extends FigureProps {
  /** Counted by another unit than planned. */
  postHoc: boolean;
}
