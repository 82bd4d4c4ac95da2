/** A p value as journals print it: ".034", "< .001"; "–" where there is none. */
export const formatP = (p: number | null): string =>
  p === null ? "–" : p < 0.001 ? "< .001" : p.toFixed(3).replace(/^0/, "");
