// Loaded before web and worker (`node --import`): when the start script is killed outright, its end of their standard input closes and they
// end, too, instead of holding the port and the queue.
const parent = process.ppid;
const patience = 10_000;

process.stdin
  .on("end", () => {
    if (process.ppid === parent) return;
    setTimeout(() => process.exit(1), patience).unref();
    process.kill(process.pid, "SIGTERM");
  })
  .resume();
