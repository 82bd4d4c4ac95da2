import { type SQL, sql } from "drizzle-orm";
import type { Protocol } from "@/core/protocol/protocol";

/** What the protocol takes as a case, as the functions of the database want it: the unit, and the planes in their order. */
export const unitOfCases = ({ reading, planes }: Protocol): SQL =>
  sql`${reading.case}, ${sql.param(planes.map(({ key }) => key))}::text[]`;
