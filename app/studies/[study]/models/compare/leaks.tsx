import { LeakNotice } from "@/app/_components/leak-notice";
import type { Run } from "@/server/schemas/model";
import { bySnapshot } from "./snapshots";

/** The leak of each leaking snapshot among these runs, once. */
export function Leaks({ runs }: { runs: readonly Run[] }) {
  return [...bySnapshot(runs).values()].map(({ snapshotSha256, config, leakage }) => (
    <LeakNotice key={snapshotSha256} unit={config.splitUnit} leakage={leakage} />
  ));
}
