export * from "./enrolment";
export * from "./governance";
export * from "./imaging";
export * from "./model";
export * from "./pathology";
export * from "./people";
export * from "./protocol";
export * from "./reading";
