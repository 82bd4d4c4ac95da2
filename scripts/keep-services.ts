import { startServices } from "./services";

/**
 * The process that `npm start` runs for the services: starts them, seeds the demonstration once, prints one line of JSON with the
 * environments of web and worker, and keeps them until its standard input closes.
 */
try {
  const services = await startServices();
  const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
  say({ step: "services" });
  Object.assign(process.env, services.web);
  const { seedDemonstration } = await import("@/server/services/demonstration/seed-demonstration");
  const accounts = await seedDemonstration({ ownerUrl: services.ownerUrl });
  const { whyNotInstalled } = await import("@/worker/engines/native");
  const hasFastEngine = (["cpu", "cuda"] as const).some((flavour) => whyNotInstalled(flavour) === null);
  say({ step: "ready", web: services.web, worker: services.worker, accounts, hasFastEngine });
  const stop = async () => {
    await services.stop();
    process.exit(0);
  };
  process.stdin.on("end", stop).resume();
  process.on("SIGTERM", stop);
  process.on("SIGINT", () => {});
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env.NODEWISE_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}
