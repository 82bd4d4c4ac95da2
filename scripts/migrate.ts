// node --import tsx scripts/migrate.ts: brings the database that DATABASE_URL and DATABASE_ADMIN_URL name up to date, tries the store, and ends.
import { startServices } from "./services";

try {
  if (!process.env.DATABASE_ADMIN_URL) throw new Error("DATABASE_ADMIN_URL is not set: nobody may migrate.");
  const services = await startServices();
  await services.stop();
  process.stdout.write("The database is up to date.\n");
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
