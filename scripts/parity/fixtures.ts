import { z } from "zod";

/*
 * The files as they are: an unknown field is an error, so that nothing of a fixture goes unread. `float32` (an honest neighbour) and
 * `spread_from_float64` are known and not compared.
 */

const numbers = z.array(z.number());
const byName = z.record(z.string(), numbers);
const grid = z.array(numbers);

const summary = z.strictObject({
  mean: z.number(),
  std: z.number(),
  min: z.number(),
  max: z.number(),
  sum: z.number(),
  sum_of_squares: z.number(),
  first16: numbers,
});

const parameters = z.strictObject({
  size: z.int().positive(),
  seed: z.int(),
  set: z.int(),
  count: z.int().positive(),
  centre: z.number(),
  frozen: z.int().nonnegative(),
});

const common = {
  fixture: z.string(),
  versions: z.unknown(),
  parameters,
  inputs: z.array(summary.extend({ pixel_10_20: numbers })),
  weights_check: z.strictObject({
    "conv2d_1/kernel": summary,
    "conv2d_94/kernel_first_of_1x1": summary,
    batch_normalization_1: z.strictObject({
      beta_first4: numbers,
      moving_mean_first4: numbers,
      moving_variance_first4: numbers,
    }),
    "head/kernel": summary,
    "head/bias": numbers,
  }),
  spread_from_float64: z.unknown().optional(),
};

export type CommonFixture = Pick<z.infer<typeof forwardFixture>, "parameters" | "inputs" | "weights_check">;

const forwardNumbers = z.strictObject({
  images: z.array(
    z.strictObject({
      blocks: z.record(z.string(), summary),
      pooled: z.strictObject({ first64: numbers, norm: z.number(), sum: z.number() }),
      logit: z.number(),
      probability: z.number(),
    }),
  ),
});

export const forwardFixture = z.strictObject({
  ...common,
  shapes: byName,
  float32: forwardNumbers.optional(),
  float64: forwardNumbers,
});
export type ForwardFixture = z.infer<typeof forwardFixture>;

const afterStep = z.strictObject({
  head: z.strictObject({
    kernel_first16: numbers,
    kernel_sum: z.number(),
    kernel_norm: z.number(),
    bias: z.number(),
    kernel_change_first16: numbers,
    kernel_change_norm: z.number(),
    velocity_first16: numbers,
    velocity_norm: z.number(),
  }),
  change_norms: z.record(z.string(), z.number()),
  change_spread8: byName,
  moving: z.record(
    z.string(),
    z.strictObject({
      samples: z.number(),
      moving_mean_first8: numbers,
      moving_variance_biased_first8: numbers,
      moving_variance_bessel_first8: numbers,
    }),
  ),
});

const trainNumbers = z.strictObject({
  loss: numbers.min(1),
  logit_training: numbers,
  gradient_norms: z.record(z.string(), z.number()),
  gradients_first8: byName,
  gradients_spread8: byName,
  after: z.record(z.string(), afterStep),
});

export const trainFixture = z.strictObject({
  ...common,
  labels: numbers,
  float32: trainNumbers.optional(),
  float64: trainNumbers,
  moving_variance_readings_agree_within: z.number().optional(),
});
export type TrainFixture = z.infer<typeof trainFixture>;

const gradCamNumbers = z.array(
  z.strictObject({
    logit: z.number(),
    alpha_first64: numbers,
    alpha_sum: z.number(),
    alpha_norm: z.number(),
    mixed10: summary,
    raw_8x8: grid,
    positive_map_8x8: grid,
    negative_map_8x8: grid,
  }),
);

export const gradCamFixture = z.strictObject({
  ...common,
  float32: gradCamNumbers.optional(),
  float64: gradCamNumbers,
});
export type GradCamFixture = z.infer<typeof gradCamFixture>;

const sums = {
  sum: z.number(),
  sum_of_squares: z.number(),
  sum_of_x_times_value: z.number(),
  sum_of_y_times_value: z.number(),
};
export type PictureSums = z.infer<z.ZodObject<typeof sums>>;

export const preprocessingFixture = z.strictObject({
  made_with: z.unknown(),
  key: z.int(),
  picture: z.literal("(37*x + 91*y + 13*x*y + 7*x*x + 53*key) mod 256"),
  size: z.int().positive(),
  padding: z.array(
    z.strictObject({
      width: z.number(),
      height: z.number(),
      left: z.number(),
      right: z.number(),
      top: z.number(),
      bottom: z.number(),
      first_pixel: z.number(),
      last_pixel: z.number(),
      before_first: z.number().nullable(),
      ...sums,
    }),
  ),
  mean: z.strictObject({
    crops: z.array(z.tuple([z.number(), z.number(), z.number()])),
    mean_over_padded_canvases: z.number(),
    standard_deviation_over_padded_canvases_n: z.number(),
    mean_over_crop_pixels_only: z.number(),
    mean_image_at_149_149: z.number(),
    mean_image_sum: z.number(),
    first_crop_after_subtraction: z.strictObject({ padding_value: z.number(), pixel_139_139: z.number(), ...sums }),
    first_crop_after_subtraction_divided_by_127_5: z.strictObject({ padding_value: z.number(), sum: z.number() }),
  }),
  flips: z.strictObject({
    width: z.number(),
    height: z.number(),
    picture: grid,
    horizontal: grid,
    vertical: grid,
    both: grid,
    padded_20x21: z.strictObject({
      left: z.number(),
      top: z.number(),
      horizontal_first_column_of_crop: z.number(),
      vertical_first_row_of_crop: z.number(),
      horizontal: z.strictObject(sums),
      vertical: z.strictObject(sums),
    }),
  }),
  rotation: z.strictObject({
    convention: z.literal("see README"),
    cases: z.array(
      z.strictObject({
        width: z.number(),
        height: z.number(),
        degrees: z.number(),
        values: grid,
        pixels_where_scipy_mode_constant_differs: z.number(),
        sum_with_scipy_mode_constant: z.number(),
      }),
    ),
    padded_to_299: z.array(
      z.strictObject({
        crop: z.tuple([z.number(), z.number()]),
        degrees: z.number(),
        row_149_columns_140_to_159: numbers,
        ...sums,
      }),
    ),
  }),
  blur: z.array(
    z.strictObject({
      width: z.number(),
      height: z.number(),
      sigma: z.number(),
      radius: z.number(),
      kernel: numbers,
      values: grid,
    }),
  ),
  noise: z.strictObject({
    distribution: z.string(),
    n: z.number(),
    "bounds_in_units_of_sigma_at_about_1e-6_false_alarms": z.strictObject({
      absolute_mean_below: z.number(),
      absolute_standard_deviation_minus_1_below: z.number(),
      absolute_skewness_below: z.number(),
      absolute_excess_kurtosis_below: z.number(),
      kolmogorov_smirnov_distance_below: z.number(),
      absolute_lag_1_autocorrelation_below: z.number(),
    }),
    share_beyond_2_sigma: z.number(),
    share_beyond_3_sigma: z.number(),
  }),
});
export type PreprocessingFixture = z.infer<typeof preprocessingFixture>;
