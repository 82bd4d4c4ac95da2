import type { StudyRole } from "@/db/actor";

/** Which roles may do what in a study. The row policies are the second lock, not the only one. */
export const permissions = {
  "study.view": [
    "coordinator",
    "locating_radiologist",
    "reader",
    "pathologist",
    "data_scientist",
    "principal_investigator",
    "monitor",
    "administrator",
  ],
  "study.counts": [
    "coordinator",
    "locating_radiologist",
    "pathologist",
    "data_scientist",
    "principal_investigator",
    "monitor",
    "administrator",
  ],
  "study.manage": ["administrator", "principal_investigator"],
  "study.lock": ["principal_investigator"],
  "enrolment.view": ["coordinator", "monitor", "principal_investigator"],
  "enrolment.edit": ["coordinator"],
  "identity.view": ["coordinator", "pathologist", "monitor"],
  "image.view": [
    "coordinator",
    "locating_radiologist",
    "pathologist",
    "monitor",
    "data_scientist",
    "principal_investigator",
  ],
  "passport.view": [
    "monitor",
    "coordinator",
    "locating_radiologist",
    "pathologist",
    "principal_investigator",
    "data_scientist",
  ],
  "series.view": ["coordinator", "locating_radiologist", "monitor"],
  "series.bring": ["coordinator"],
  "imaging.view": ["locating_radiologist", "coordinator", "monitor"],
  "imaging.edit": ["locating_radiologist"],
  "reading.read": ["reader"],
  "reading.schedule": ["principal_investigator", "coordinator"],
  "reading.progress": ["principal_investigator", "coordinator", "monitor"],
  "reading.overrideWashOut": ["principal_investigator"],
  "pathology.view": ["pathologist", "monitor"],
  "pathology.edit": ["pathologist"],
  "models.view": ["data_scientist", "principal_investigator"],
  "models.train": ["data_scientist", "principal_investigator"],
  "analysis.view": ["principal_investigator", "data_scientist"],
  "design.view": ["principal_investigator", "data_scientist", "monitor", "administrator"],
  "unblinding.view": ["principal_investigator", "monitor", "coordinator"],
  "unblinding.record": ["principal_investigator"],
  "audit.view": ["principal_investigator", "monitor", "administrator", "coordinator"],
} as const satisfies Record<string, readonly StudyRole[]>;

export type Action = keyof typeof permissions;

/** The first of these roles that may do it; undefined when none may. */
export function roleFor(action: Action, roles: readonly StudyRole[]): StudyRole | undefined {
  const allowed: readonly StudyRole[] = permissions[action];
  return allowed.find((role) => roles.includes(role));
}
