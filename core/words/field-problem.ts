import type { z } from "zod";
import type { Said } from ".";
import { asWritten } from "./said";

/** What is wrong with a value, in the schema's own words. */
export const saidOf = ({ message }: z.core.$ZodIssue): Said => asWritten(message);
