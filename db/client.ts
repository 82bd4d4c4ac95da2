import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import * as schema from "./schema";

/** A drizzle client over its own pool. Only `db/` holds one: everybody else comes through `withActor`. */
export function connect(url: string, max = 10) {
  const pool = postgres(url, {
    max,
    idle_timeout: 30,
    connect_timeout: 10,
    onnotice: () => {},
    connection: { application_name: "nodewise" },
  });
  return { db: drizzle(pool, { schema, casing: "snake_case" }), pool };
}

export type Database = ReturnType<typeof connect>["db"];
export type Tx = Parameters<Parameters<Database["transaction"]>[0]>[0];
