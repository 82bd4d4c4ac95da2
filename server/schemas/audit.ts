import { z } from "zod";

const event = z.object({
  id: z.int(),
  at: z.date(),
  by: z.string(),
  role: z.string(),
  action: z.string(),
  entity: z.string().nullable(),
  entityId: z.string().nullable(),
  reason: z.string().nullable(),
});

/** A page of the audit trail, newest first; `next`: before which the page after it begins. */
export const auditPage = z.object({ events: z.array(event), next: z.int().nullable() });
export type AuditEvent = z.infer<typeof event>;
