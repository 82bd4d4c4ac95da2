import { resolve } from "node:path";
import { z } from "zod";

const storeShape =
  "NODEWISE_STORE must be a folder, or s3://bucket/prefix?endpoint=https://...&region=... (the last three as needed; the endpoint without user, password, query and fragment: keys belong in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)";
const s3Address = z.object({
  protocol: z.literal("s3:"),
  username: z.literal(""),
  password: z.literal(""),
  hostname: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  hash: z.literal(""),
  pathname: z.string().regex(/^(\/[\w.-]+)*\/?$/),
  parameters: z.strictObject({
    // It stands in messages: no login, no token.
    endpoint: z
      .url({ protocol: /^https?$/ })
      .regex(/^[^@?#]*$/)
      .optional(),
    region: z.string().min(1).optional(),
  }),
});

export interface S3Place {
  bucket: string;
  /** Before every name, without slashes at its ends; "" for none. */
  prefix: string;
  /** Of a server that is not Amazon's, e.g. https://minio.hospital.example. */
  endpoint?: string | undefined;
  region?: string | undefined;
}

/** Where the objects lie: a folder, or a bucket of S3. */
export type StorePlace = { folder: string } | S3Place;

const storePlace = z
  .string(storeShape)
  .min(1, storeShape)
  .transform((text, context): StorePlace => {
    if (!/^\w+:\/\//.test(text)) return { folder: resolve(text) };
    const url = URL.canParse(text) ? new URL(text) : null;
    const parsed = s3Address.safeParse(
      url && {
        protocol: url.protocol,
        username: url.username,
        password: url.password,
        hostname: url.hostname,
        hash: url.hash,
        pathname: url.pathname,
        parameters: Object.fromEntries(url.searchParams),
      },
    );
    if (!parsed.success) {
      context.addIssue({ code: "custom", message: storeShape });
      return z.NEVER;
    }
    const { hostname: bucket, pathname, parameters } = parsed.data;
    return { bucket, prefix: pathname.replaceAll(/^\/|\/$/g, ""), ...parameters };
  });

/** What a value of NODEWISE_STORE means. @throws Error that says what it should be */
export function storePlaceOf(value: string | undefined): StorePlace {
  const parsed = storePlace.safeParse(value);
  if (!parsed.success) throw new Error(storeShape);
  return parsed.data;
}

const schema = z.object({
  DATABASE_URL: z.url(
    "DATABASE_URL must be the URL of the login role nodewise_web (or nodewise_worker for a worker), e.g. postgres://nodewise_web:...@host/nodewise",
  ),
  NODEWISE_ACTOR_SECRET: z.string().min(32, "NODEWISE_ACTOR_SECRET must have at least 32 characters"),
  NODEWISE_STORE: storePlace,
  NEXTAUTH_SECRET: z.string().min(32, "NEXTAUTH_SECRET must have at least 32 characters").optional(),
  NEXTAUTH_URL: z
    .url("NEXTAUTH_URL must be the address under which people reach the pages, e.g. https://reads.hospital.example")
    .optional(),
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
