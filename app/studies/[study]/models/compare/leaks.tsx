import { LeakNotice } from "@/app/_components/leak-notice";
import type { Run } from "@/server/schemas/model";

/** The leak of each leaking snapshot among these runs, once. */
export function Leaks({ runs }: { runs: readonly Run[] }) {
  const bySnapshot = new Map(runs.map((run) => [run.snapshotId, run]));
  return [...bySnapshot.values()].map(({ snapshotId, config, leakage }) => (
    <LeakNotice key={snapshotId} unit={config.splitUnit} leakage={leakage} />
  ));
}
