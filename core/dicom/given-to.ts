import { type DataSet, type Element, isSequence, isValue, type Tag } from "./data-set";
import { shifted } from "./dates";
import { dummyDates } from "./deidentify";
import { tagOf } from "./dictionary";
import { ofItems, ofText, textsOf } from "./values";

/**
 * A data set that `deidentify` made before it was known whose it is, as it would have made it for this subject: UIDs depend on the study alone and stay, dates are moved by what lacks.
 * @param to.days the subject's offset less the one that the dates were moved by
 */
export function givenTo(data: DataSet, to: { subject: string; days: number }): DataSet {
  const given = new Map(moved(data, to.days));
  given.set(tagOf("PatientName"), ofText("PN", to.subject));
  given.set(tagOf("PatientID"), ofText("LO", to.subject));
  return given;
}

const moved = (data: DataSet, days: number): DataSet =>
  new Map([...data].map(([tag, element]): [Tag, Element] => [tag, movedElement(element, days)]));

function movedElement(element: Element, days: number): Element {
  if (isSequence(element)) return ofItems(element.items.map((item) => moved(item, days)));
  if (!isValue(element) || (element.vr !== "DA" && element.vr !== "DT")) return element;
  const dates = textsOf(element).map((date) => (dummyDates.has(date) ? date : (shifted(date, days) ?? date)));
  return ofText(element.vr, dates.join("\\"));
}
