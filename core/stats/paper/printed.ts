import { StatsError } from "../errors";
import { checkCounts, checkRange } from "../input";

/**
 * Arithmetic consistency audit of published diagnostic accuracy: can any table of whole images produce the printed
 * figures?
 *
 * The idea is that of the GRIM test (Brown NJL, Heathers JAJ. Soc Psychol Personal Sci 2017;8:363-369), for whole
 * rows: a figure k/10^d is produced by a fraction x when |x - k/10^d| <= 1/2 10^-d. Both ends count, so rounding half
 * up, half to even, and what floating point makes of a half are all accepted; but in one table the same fraction is
 * printed the same way: 381/400 cannot be 95.3 as sensitivity and 95.2 as specificity. Every such comparison is made
 * between whole numbers below 2^53, hence exact; a floating-point quotient of two such numbers rounds across no whole
 * number.
 *
 * Assumes one binary read of each image, so AUC = (sensitivity + specificity) / 2, the trapezoid through one point
 * (Cantor SB, Kattan MW. Med Decis Making 2000;20:468). Leave out the AUC of a score, and any figure averaged over
 * folds or readers. "No table" proves that the figures do not come from one table under the given margins, not which
 * is wrong.
 */

/** A figure as printed, made by `fraction` or `percent`: low/denominator..high/denominator rounds to it. */
export interface Printed {
  text: string;
  /** As a fraction, also when printed in per cent. */
  value: number;
  inPercent: boolean;
  /** 2k - 1, 2k + 1 and 2 x 10^d of the printed fraction k/10^d. */
  low: number;
  high: number;
  denominator: number;
}

export const figureNames = ["sensitivity", "specificity", "ppv", "npv", "accuracy", "auc"] as const;
export type FigureName = (typeof figureNames)[number];

/** Printed figures of one binary read; a figure that was not printed is left out. */
export type Figures = Readonly<Partial<Record<FigureName, Printed>>>;

/** Of one class; with it, all products stay below 2^53. */
export const mostImages = 20_000;
/** Of a figure printed as a fraction; two fewer in per cent. */
export const mostDecimals = 6;

type Print = string | { value: number; decimals: number };

/**
 * A figure printed as a fraction: `.626`, `0.626`, or a number with its printed decimals.
 * @example fraction(".626"); fraction({ value: 0.67, decimals: 3 });
 * @throws StatsError when it is no decimal number, beyond -2..2, or has more than 6 decimals
 */
export const fraction = (print: Print): Printed => parse(print, 0);

/**
 * A figure printed in per cent: `62.7`, `62.7%`, or a number with its printed decimals.
 * @example percent("62.7"); percent({ value: 70, decimals: 1 });
 * @throws StatsError when it is no decimal number, beyond -200..200, or has more than 4 decimals
 */
export const percent = (print: Print): Printed =>
  parse(typeof print === "string" ? withoutSign(print.trim()) : print, 2);

const withoutSign = (text: string) => (text.endsWith("%") ? text.slice(0, -1) : text);

function parse(print: Print, shift: number): Printed {
  const text = typeof print === "string" ? print.trim() : toText(print);
  const plain = text.replace("−", "-").replace("·", ".");
  if (!/^-?(\d+(\.\d+)?|\.\d+)$/.test(plain))
    throw new StatsError("not_finite", `"${text}" is not a decimal number; give it as it was printed.`);
  const decimals = (plain.split(".")[1] ?? "").length;
  if (decimals + shift > mostDecimals)
    throw new StatsError(
      "out_of_range",
      `"${text}" has ${decimals} decimals; at most ${mostDecimals - shift} are read.`,
    );
  const scale = 10 ** (decimals + shift);
  const k = Number(plain.replace(".", "")) + 0;
  if (Math.abs(k) > 2 * scale)
    throw new StatsError("out_of_range", `"${text}" is too large; check whether it is a fraction or in per cent.`);
  return { text, value: k / scale, inPercent: shift > 0, low: 2 * k - 1, high: 2 * k + 1, denominator: 2 * scale };
}

/**
 * A fraction as the figure is printed, with one decimal more: 174/318 beside 54.7 is 54.72. With two more where it would seem to be the half that still
 * rounds to the figure: 219/349 beside 62.7 is 62.7507.
 */
export function beside({ inPercent, denominator, value }: Printed, fraction: number): string {
  const decimals = Math.round(Math.log10(denominator / 2)) - (inPercent ? 2 : 0) + 1;
  const [shown, printed] = inPercent ? [100 * fraction, 100 * value] : [fraction, value];
  const text = shown.toFixed(decimals);
  const isHalf = Math.abs(Math.abs(Number(text) - printed) * 10 ** decimals - 5) < 1e-6;
  return isHalf ? shown.toFixed(decimals + 2).replace(/00$/, "") : text;
}

function toText({ value, decimals }: { value: number; decimals: number }): string {
  checkRange({ value }, [-200, 200]);
  checkCounts({ decimals });
  checkRange({ decimals }, [0, mostDecimals]);
  const text = value.toFixed(decimals);
  if (Math.abs(Number(text) - value) > 1e-9)
    throw new StatsError("out_of_range", `${value} has more than ${decimals} decimals; give the decimals as printed.`);
  return text;
}

/** Whether a fraction of whole numbers rounds to the figure. */
export const roundsTo = (printed: Printed, numerator: number, denominator: number): boolean =>
  denominator > 0 &&
  printed.low * denominator <= numerator * printed.denominator &&
  numerator * printed.denominator <= printed.high * denominator;

/** @throws StatsError where there is no figure or one outside 0..1; index is the row, or else the figure's place */
export function checkFigures(figures: Figures, row: number | null = null): void {
  const where = row === null ? "" : ` of row ${row}`;
  if (!figureNames.some((name) => figures[name])) throw new StatsError("empty", `There is no figure${where}.`, row);
  for (const [place, name] of figureNames.entries()) {
    const printed = figures[name];
    if (printed && !(printed.value >= 0 && printed.value <= 1))
      throw new StatsError("out_of_range", `${name}${where} is ${printed.text}; it must lie in 0..1.`, row ?? place);
  }
}

/** Denominators are 2, 20, … 2 000 000: in units of the last, all ends are whole numbers. */
export const commonDenominator = 2 * 10 ** mostDecimals;

export function inCommonUnits({ low, high, denominator }: Printed): { low: number; high: number } {
  const factor = commonDenominator / denominator;
  return { low: low * factor, high: high * factor };
}
