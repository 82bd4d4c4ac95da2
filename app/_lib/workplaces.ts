/** The workplaces in the order of the study, each with the action that opens it (any of them suffices). */
export const workplaces = [
  { key: "overview", path: "", actions: ["study.view"] },
  { key: "enrolment", path: "/enrolment", actions: ["enrolment.view"] },
  { key: "imaging", path: "/imaging", actions: ["imaging.view"] },
  { key: "reading", path: "/reading", actions: ["reading.read", "reading.progress"] },
  { key: "pathology", path: "/pathology", actions: ["pathology.view"] },
  { key: "lock", path: "/lock", actions: ["study.lock"] },
  { key: "models", path: "/models", actions: ["models.view"] },
  { key: "analysis", path: "/analysis", actions: ["analysis.view"] },
  { key: "design", path: "/design", actions: ["design.view"] },
  { key: "audit", path: "/audit", actions: ["audit.view"] },
  { key: "admin", path: "/admin", actions: ["study.manage"] },
] as const;
