import { describe, expect, test } from "vitest";
import { bySnapshot } from "@/app/studies/[study]/models/compare/snapshots";
import { askedAfter, defaultsOf } from "@/app/studies/[study]/models/regimen-form";
import { expectedTime } from "@/core/network/expected-time";
import { parseProtocol } from "@/server/services/study/parse-protocol";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { fineTuning } from "@/tests/support/model-runs";

const formOf = (values: Record<string, string>) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(values)) form.set(name, value);
  return form;
};

describe("the form of a training", () => {
  test("keeps the choice of the network, and its time, when another field is touched", async () => {
    const { network: protocol } = parseProtocol((await shippedProtocol("image-set")).source).document;
    expect(protocol.trainable, "the positive control: the protocol trains the last unit").toBe("head");
    const head = defaultsOf(protocol, "head");
    const network = defaultsOf(protocol, "network");
    expect(network.epochs).not.toBe(head.epochs);

    // When the choice is told, the form still holds the epochs of the last unit.
    const chosen = askedAfter("trainable", formOf({ trainable: "network", epochs: String(head.epochs), seed: "1" }), {
      protocol,
      asked: head,
    });
    expect(chosen).toEqual(network);
    const touched = askedAfter("seed", formOf({ trainable: "network", epochs: String(network.epochs), seed: "7" }), {
      protocol,
      asked: chosen,
    });
    expect(touched).toEqual({ ...network, seed: 7 });
    const runs = [
      {
        state: "done",
        companionOf: null,
        images: 97,
        config: { ...fineTuning, frozen: network.frozen, frozenUnit: network.frozenUnit },
        environment: { engine: "native" },
        figures: { seconds: 1, imagesPerSecond: 5 },
      },
    ];
    const before = expectedTime(runs, chosen);
    expect(before?.seconds).toBeGreaterThan(0);
    expect(expectedTime(runs, touched)).toEqual(before);
  });
});

test("runs whose snapshots were frozen apart, of the same images in the same folds, stand on one", () => {
  const run = (snapshotId: string, snapshotSha256: string) => ({ snapshotId, snapshotSha256 });
  expect(bySnapshot([run("a", "x"), run("b", "x")]).size).toBe(1);
  expect(bySnapshot([run("a", "x"), run("b", "y")]).size).toBe(2);
});
