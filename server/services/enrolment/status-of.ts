import type { Verdict } from "@/core/eligibility/assess";
import type { SubjectSummary } from "@/server/schemas/enrolment";

const statuses = { eligible: "eligible", ineligible: "screen_failure", undecided: "screening" } as const;

/** The status of a subject who is not enrolled yet, by the verdict of the newest assessment. */
export const statusOf = (verdict: Verdict): SubjectSummary["status"] => statuses[verdict];
