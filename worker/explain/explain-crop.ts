import type { z } from "zod";
import { sigmoid } from "@/core/network/unit";
import type { explainMethod } from "@/server/schemas/model";
import type { Tf } from "@/worker/engines";
import { type CamBlock, camGrid, gradCam } from "@/worker/inception/grad-cam";
import { buildNetwork } from "@/worker/inception/network";
import { decodeCanvas } from "@/worker/inception/preprocess";
import { inputTensor, networkInputOf, openScorer } from "@/worker/scoring/score";
import type { StoredModel } from "@/worker/scoring/stored-model";
import { extentOf, type HeatMap } from "./heat-map";
import { coveringOf, occlusionMap } from "./occlusion";
import { overlay } from "./overlay";

export type ExplainMethod = z.infer<typeof explainMethod>;

export interface Explanation {
  png: Buffer;
  logit: number;
  score: number;
  /** How the map was made, in words. */
  method: string;
  /** Magnitude at the ends of the scale: of the logit for occlusion; Grad-CAM's has no unit. */
  scale: number;
  /** Share of the map that lies on the padding around the crop, which the picture does not show; 0 for occlusion, which stays on the crop. */
  outside: number;
}

const blockOf: Readonly<Record<Exclude<ExplainMethod, "occlusion">, CamBlock>> = {
  "grad-cam": "mixed10",
  "grad-cam-fine": "mixed7",
};

/**
 * Shows what in a crop speaks for and against the positive class, by the model that scored it.
 * @param options.batch occluded crops that are computed together
 * @param options.onProgress occlusion: places done, of all
 */
export async function explainCrop(
  tf: Tf,
  model: StoredModel,
  png: Uint8Array,
  options: {
    method: ExplainMethod;
    batch: number;
    onProgress: (done: number, total: number) => Promise<void>;
  },
): Promise<Explanation> {
  const { method, batch, onProgress } = options;
  const { picture, window } = await decodeCanvas(png, model.input);
  const input = networkInputOf(picture, model.input);
  const finish = async (map: HeatMap, logit: number, words: string, isOnCropOnly: boolean): Promise<Explanation> => {
    const { largest, outside } = extentOf(map, window, picture.width);
    return {
      png: await overlay(picture, window, map, largest),
      logit,
      score: sigmoid(logit),
      method: words,
      scale: largest,
      outside: isOnCropOnly ? 0 : outside,
    };
  };

  if (method === "occlusion") {
    const scorer = openScorer(tf, model);
    try {
      const covering = coveringOf(window);
      const { logits } = scorer;
      const { map, logit } = await occlusionMap({ input, window, covering, logits, batch, onProgress });
      const words = `Occlusion: fall of the logit behind a patch of ${covering.patch} x ${covering.patch} pixels in the crop's mean colour, every ${covering.stride} pixels`;
      return await finish(map, logit, words, true);
    } finally {
      scorer.dispose();
    }
  }

  const block = blockOf[method];
  const network = buildNetwork(tf, model.layers);
  const x = inputTensor(tf, [input], picture.width);
  try {
    const { logit, raw, width, height } = gradCam(tf, network, model.unit, x, block);
    const { first, step } = camGrid[block];
    const map: HeatMap = { width, height, values: raw, firstX: first, firstY: first, step };
    return await finish(map, logit, `Grad-CAM at ${block}, ${height} x ${width} positions on the whole input`, false);
  } finally {
    x.dispose();
    network.dispose();
  }
}
