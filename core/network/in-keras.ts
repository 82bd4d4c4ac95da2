/**
 * How a written weights file is opened in Python, as whoever takes one is shown: four lines for Keras 3 and tf_keras alike, the model with one unit
 * that gives the logit. Keras goes by the name: an ending `.weights.h5` would be read in another layout.
 * @param options.file its name
 * @param options.size of the input, in pixels
 */
export const inKeras = ({ file, size }: { file: string; size: number }): readonly string[] => [
  "import keras  # or: import tf_keras as keras",
  `base = keras.applications.InceptionV3(include_top=False, weights=None, pooling="avg", input_shape=(${size}, ${size}, 3))`,
  'model = keras.Model(base.input, keras.layers.Dense(1, name="head")(base.output))',
  `model.load_weights("${file}")`,
];
