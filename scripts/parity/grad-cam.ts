import type { Tf } from "@/worker/engines";
import { gradCam } from "@/worker/inception/grad-cam";
import { buildNetwork, forward } from "@/worker/inception/network";
import { type Check, compareNumbers, compareSummary, norm, sum } from "./checks";
import { checkFormulae } from "./common";
import type { GradCamFixture } from "./fixtures";
import { formulaImage, formulaUnit, formulaWeights } from "./formula";
import { inference, gradCam as tolerance } from "./tolerances";

/** Every number of a `gradcam*` fixture. */
export function checkGradCam(tf: Tf, fixture: GradCamFixture): Check[] {
  const { parameters } = fixture;
  const checks = checkFormulae(fixture);
  const network = buildNetwork(tf, formulaWeights(parameters));
  const unit = formulaUnit(parameters);
  for (const [b, expected] of fixture.float64.entries()) {
    const path = `images[${b}]`;
    const input = tf.tensor4d(formulaImage(parameters, b), [1, parameters.size, parameters.size, 3]);
    const cam = gradCam(tf, network, unit, input);
    let mixed10 = new Float32Array();
    tf.tidy(() => {
      mixed10 = Float32Array.from(forward(tf, network, input).dataSync());
    });
    input.dispose();
    const list = (
      name: string,
      listed: ArrayLike<number> | number,
      got: ArrayLike<number> | number,
      allowed: number,
      quantity = name,
    ) => checks.push(...compareNumbers(quantity, `${path}.${name}`, listed, got, allowed));
    list("logit", expected.logit, cam.logit, tolerance.logit);
    list("alpha_first64", expected.alpha_first64, cam.alpha.subarray(0, 64), tolerance.alpha, "alpha");
    list("alpha_sum", expected.alpha_sum, sum(cam.alpha), 1e-5 * expected.alpha_norm, "alpha");
    list("alpha_norm", expected.alpha_norm, norm(cam.alpha), 1e-5 * expected.alpha_norm, "alpha");
    checks.push(
      ...compareSummary("mixed10", `${path}.mixed10`, expected.mixed10, mixed10, {
        element: inference.element * expected.mixed10.std,
        moment: inference.moment * expected.mixed10.std,
        squares: inference.moment,
      }),
    );
    list("shape", [expected.raw_8x8.length, expected.raw_8x8[0]?.length ?? 0], [cam.height, cam.width], 0);
    list("raw_8x8", expected.raw_8x8.flat(), cam.raw, tolerance.raw);
    list("positive_map_8x8", expected.positive_map_8x8.flat(), cam.positive, tolerance.map, "normalised maps");
    list("negative_map_8x8", expected.negative_map_8x8.flat(), cam.negative, tolerance.map, "normalised maps");
  }
  network.dispose();
  return checks;
}
