import type { ImageNames } from "@/core/dicom/read";

/** What became of one part. */
export interface Stored {
  names: ImageNames;
  /** Why it was not stored. */
  failure?: { reason: number; comment: string } | undefined;
}

/** PS3.18 tables I.2-1 and I.2-2; of another study: a code within "cannot understand", which other archives answer too. */
export const reasons = {
  elementsCoerced: 0xb000,
  outOfResources: 0xa700,
  cannotUnderstand: 0xc000,
  transferSyntax: 0xc122,
  otherStudy: 0xc409,
};

const ofText = (vr: string, text: string) => ({ vr, Value: [text] });
const ofNumber = (value: number) => ({ vr: "US", Value: [value] });
const notRetrieved = { "00081190": { vr: "UR" } };

/** Store Instances Response Module, PS3.18 annex I, as DICOM JSON. Every image that is stored is stored without identity, so each has its warning; none can be retrieved by its own name. */
export function storeAnswer(parts: readonly Stored[]): object {
  const stored = parts.flatMap(({ names, failure }) => {
    const reference = referenceTo(names);
    return failure || !reference
      ? []
      : [{ ...reference, ...notRetrieved, "00081196": ofNumber(reasons.elementsCoerced) }];
  });
  const failed = parts.flatMap(({ names, failure }) => {
    const reference = referenceTo(names);
    return failure && reference ? [{ ...reference, ...failureOf(failure) }] : [];
  });
  const others = parts.flatMap(({ names, failure }) => (failure && !referenceTo(names) ? [failureOf(failure)] : []));
  return {
    ...notRetrieved,
    ...(failed.length > 0 && { "00081198": { vr: "SQ", Value: failed } }),
    ...(stored.length > 0 && { "00081199": { vr: "SQ", Value: stored } }),
    ...(others.length > 0 && { "0008119A": { vr: "SQ", Value: others } }),
  };
}

const referenceTo = ({ sopClass, sopInstance }: ImageNames) =>
  sopInstance && sopClass ? { "00081150": ofText("UI", sopClass), "00081155": ofText("UI", sopInstance) } : undefined;

const failureOf = ({ reason, comment }: { reason: number; comment: string }) => ({
  "00000902": ofText("LO", comment),
  "00081197": ofNumber(reason),
});
