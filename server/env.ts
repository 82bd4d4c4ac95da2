import { z } from "zod";

const schema = z.object({
  DATABASE_URL: z.url(
    "DATABASE_URL must be the URL of the login role nodewise_web (or nodewise_worker for a worker), e.g. postgres://nodewise_web:...@host/nodewise",
  ),
  NODEWISE_ACTOR_SECRET: z.string().min(32, "NODEWISE_ACTOR_SECRET must have at least 32 characters"),
  NODEWISE_STORE: z.string().min(1, "NODEWISE_STORE must be the folder of the object store"),
  NEXTAUTH_SECRET: z.string().min(32, "NEXTAUTH_SECRET must have at least 32 characters").optional(),
  /** Shows the demonstration accounts on the sign-in page. */
  NODEWISE_DEMONSTRATION: z.stringbool().default(false),
});

export type Env = z.infer<typeof schema>;

let parsed: Env | undefined;

/**
 * The settings of this process, read once.
 * @throws Error naming every variable that is missing or wrong, and what it should be
 */
export function env(): Env {
  if (parsed) return parsed;
  const result = schema.safeParse(process.env);
  if (!result.success) {
    throw new Error(
      `The environment is incomplete:\n${result.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`).join("\n")}`,
    );
  }
  parsed = result.data;
  return parsed;
}
