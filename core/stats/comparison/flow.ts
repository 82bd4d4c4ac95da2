import { countIn, type Known, type Opinions, type Party, partyOf } from "./opinions";

/** What a test said of the units of one truth: the four answers add up to `units` (STARD 2015, items 15, 16 and 19). */
export interface FlowRow extends Party {
  truth: 0 | 1;
  /** Of the study with this truth, whether the test has seen them or not. */
  units: number;
  /** Called, as the main analysis calls; those that were not evaluable are never among them, whatever the plan counts them as. */
  positive: number;
  negative: number;
  notEvaluable: number;
  /** Not read, or not scored. */
  missing: number;
}

/** The positive units and the negative ones, by what a reader or the network said of them. */
export function flowRows(party: Opinions, known: Known): FlowRow[] {
  const said = (wanted: 0 | 1) =>
    party.calls.map((call, place) => (call === wanted && party.notEvaluable[place] !== 1 ? call : Number.NaN));
  const [positives, negatives] = [said(1), said(0)];
  return ([1, 0] as const).map((truth) => {
    const count = (of: Float64Array) => countIn(known, [truth], of);
    const units = known.truth.filter((each) => each === truth).length;
    const [positive, negative, notEvaluable] = [count(positives), count(negatives), count(party.notEvaluable)];
    const missing = units - positive - negative - notEvaluable;
    return { ...partyOf(party), truth, units, positive, negative, notEvaluable, missing };
  });
}
