import { type Expected, expectedSweep, expectedTime } from "@/core/network/expected-time";
import type { StudyActor } from "@/server/door";
import { withActor } from "@/server/door";
import type { TrainInput } from "@/server/schemas/model";
import { findRuns } from "@/server/services/model/find-runs";
import { regimenFor } from "@/server/services/model/regimen-for";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { words } from "./words";

/**
 * How long a training is going to take, in words, or that it is not known here.
 * @param options.depths of a sweep
 * @throws AppError "invalid" when the regimen cannot be trained
 */
export async function expectedInWords(
  actor: StudyActor,
  changes: TrainInput,
  { depths }: { depths?: readonly number[] } = {},
): Promise<string> {
  return withActor(actor, async (tx) => {
    const { document } = await studyProtocol(tx, actor);
    const config = regimenFor(document.network, {
      ...changes,
      ...(depths && { trainable: "network", frozen: depths[0] }),
    });
    const shallow = { frozen: 0, frozenUnit: "blocks", tuningFraction: 0 } as const;
    const asked = { ...shallow, ...config, epochs: config.optimiser.epochs };
    const runs = await findRuns(tx, actor);
    return inWords(depths ? expectedSweep(runs, asked, depths) : expectedTime(runs, asked));
  });
}

function inWords(expected: Expected | null): string {
  if (!expected) return words("expected.unknown");
  const minutes = Math.round(expected.seconds / 60);
  const time =
    minutes < 1
      ? words("expected.seconds", { seconds: Math.ceil(expected.seconds) })
      : words("expected.minutes", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  return words("expected.known", { time, by: expected.by, engine: expected.engine });
}
