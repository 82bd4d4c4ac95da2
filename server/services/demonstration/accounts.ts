import type { StudyRole } from "@/db/actor";

export interface DemonstrationAccount {
  email: string;
  name: string;
  roles: readonly StudyRole[];
  readerCode?: "R2" | "R3";
  mayCreateStudies: boolean;
  /** Administers accounts, until somebody does who is not of the demonstration. */
  administrator?: boolean;
}

/** The password of every demonstration account: it protects synthetic data only. */
export const demonstrationPassword = "demonstration";

const domain = "demo.nodewise.example";

/** One account for each role of the study, so that each step can be walked by the person whose step it is. */
export const demonstrationAccounts: readonly DemonstrationAccount[] = [
  {
    email: `pi@${domain}`,
    name: "Prof. Helene Brandt (demo)",
    roles: ["principal_investigator"],
    mayCreateStudies: true,
  },
  { email: `coordinator@${domain}`, name: "Marta Lindqvist (demo)", roles: ["coordinator"], mayCreateStudies: false },
  {
    email: `r1@${domain}`,
    name: "Dr. Tomás Ferreira (demo)",
    roles: ["locating_radiologist"],
    mayCreateStudies: false,
  },
  {
    email: `r2@${domain}`,
    name: "Dr. Aiko Tanaka (demo)",
    roles: ["reader"],
    readerCode: "R2",
    mayCreateStudies: false,
  },
  {
    email: `r3@${domain}`,
    name: "Dr. Samuel Okafor (demo)",
    roles: ["reader"],
    readerCode: "R3",
    mayCreateStudies: false,
  },
  { email: `pathologist@${domain}`, name: "Dr. Ingrid Vos (demo)", roles: ["pathologist"], mayCreateStudies: false },
  { email: `scientist@${domain}`, name: "Wei Zhang (demo)", roles: ["data_scientist"], mayCreateStudies: false },
  { email: `monitor@${domain}`, name: "Claire Dubois (demo)", roles: ["monitor"], mayCreateStudies: false },
  {
    email: `admin@${domain}`,
    name: "Jonas Keller (demo)",
    roles: ["administrator"],
    mayCreateStudies: true,
    administrator: true,
  },
];
