import { type Check, compareNumbers, compareSummary, type summary } from "./checks";
import type { CommonFixture } from "./fixtures";
import { formulaImage, formulaUnit, formulaWeights } from "./formula";
import { formulae } from "./tolerances";

/** That our formulae give the numbers the fixture was made from. */
export function checkFormulae(fixture: CommonFixture): Check[] {
  const { parameters, inputs, weights_check: expected } = fixture;
  const weights = formulaWeights(parameters);
  const unit = formulaUnit(parameters);
  const [first] = weights;
  const last = weights.at(-1);
  const compare = (path: string, expected: ReturnType<typeof summary>, values: Float32Array) =>
    compareSummary("formulae", path, expected, values, {
      element: formulae.value,
      moment: formulae.value,
      squares: formulae.sum,
    });
  const firstFour = (name: string, values: Float32Array | undefined, listed: number[]) =>
    compareNumbers(
      "formulae: elements",
      `weights_check.batch_normalization_1.${name}`,
      listed,
      values?.subarray(0, 4) ?? [],
      formulae.value,
    );
  const empty = new Float32Array();
  return [
    ...inputs.flatMap(({ pixel_10_20: pixel, ...listed }, b) => {
      const values = formulaImage(parameters, b);
      const at = (10 * parameters.size + 20) * 3;
      return [
        ...compare(`inputs[${b}]`, listed, values),
        ...compareNumbers(
          "formulae: elements",
          `inputs[${b}].pixel_10_20`,
          pixel,
          values.subarray(at, at + 3),
          formulae.value,
        ),
      ];
    }),
    ...compareNumbers("formulae: elements", "inputs.length", parameters.count, inputs.length, 0),
    ...compare("weights_check.conv2d_1/kernel", expected["conv2d_1/kernel"], first?.kernel ?? empty),
    ...compare(
      "weights_check.conv2d_94/kernel_first_of_1x1",
      expected["conv2d_94/kernel_first_of_1x1"],
      last?.kernel ?? empty,
    ),
    ...firstFour("beta_first4", first?.beta, expected.batch_normalization_1.beta_first4),
    ...firstFour("moving_mean_first4", first?.mean, expected.batch_normalization_1.moving_mean_first4),
    ...firstFour("moving_variance_first4", first?.variance, expected.batch_normalization_1.moving_variance_first4),
    ...compare("weights_check.head/kernel", expected["head/kernel"], unit.kernel),
    ...compareNumbers(
      "formulae: elements",
      "weights_check.head/bias",
      expected["head/bias"],
      [unit.bias],
      formulae.value,
    ),
  ];
}
