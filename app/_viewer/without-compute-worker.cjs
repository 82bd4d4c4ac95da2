/** A loader of the build: the statistics that Cornerstone computes in a worker of its own are not used here, and Turbopack hangs at that worker. */
module.exports = () =>
  'export function registerComputeWorker() { throw new Error("The compute worker is not built in."); }\n';
