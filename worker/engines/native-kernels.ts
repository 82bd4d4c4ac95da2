import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tf } from "./types";

/*
 * Kernels of libtensorflow that TensorFlow.js has no operation for, called by name through the binding: batch normalisation in training mode
 * with its gradient, the gradient of ReLU, the convolution fused with bias and ReLU, and momentum SGD in place. The signatures are those of
 * TensorFlow's op registry (tensorflow.org/api_docs/python/tf/raw_ops). Three are the ones that TensorFlow's graphs are rewritten to on a
 * processor with oneDNN, and that are not chosen outside of a graph: the fused convolution (a tenth faster than Eigen's), maximum pooling that
 * remembers where its maxima were (its gradient takes a twentieth of the time) and batch normalisation with ReLU in one pass. The latter two
 * give the very bits of the plain kernels.
 */

type Attribute = { name: string; type: number; value: unknown };

/** What the binding's backend offers beside the operations of TensorFlow.js. */
interface Backend {
  binding: Record<
    | "TF_ATTR_STRING"
    | "TF_ATTR_INT"
    | "TF_ATTR_FLOAT"
    | "TF_ATTR_BOOL"
    | "TF_ATTR_TYPE"
    | "TF_ATTR_SHAPE"
    | "TF_FLOAT"
    | "TF_INT32",
    number
  >;
  isUsingGpuDevice: boolean;
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: Tensor[], outputs: number): Tensor[];
}

export interface ConvolutionShape {
  stride: 1 | 2;
  padding: "same" | "valid";
}

/** Batch normalisation of one batch, and what its gradient needs again. */
export interface Normalised {
  value: Tensor4D;
  /** The moving averages with this batch in them, [C]; the variance with Bessel's correction. */
  movingMean: Tensor1D;
  movingVariance: Tensor1D;
  /** The kernel's own notes for the gradient. */
  reserved: [Tensor, Tensor, Tensor];
}

/** Numbers that the engine holds and changes in place; a handle is a tensor too, kept until it is destroyed. */
export interface Resources {
  create(value: Tensor): Tensor;
  assign(handle: Tensor, value: Tensor): void;
  /** The numbers as they are, without a copy: one is made when they change while somebody still holds these. */
  read(handle: Tensor): Tensor;
  /** velocity = momentum velocity - rate gradient; weights += velocity. */
  applyMomentum(weights: Tensor, velocity: Tensor, gradient: Tensor, rate: number, momentum: number): void;
  destroy(handle: Tensor): void;
}

export interface NativeKernels {
  /** relu(conv(x, kernel) + bias) in one pass over memory, or in three where the binding cannot ask for it. */
  foldedConvolution(x: Tensor4D, kernel: Tensor4D, bias: Tensor1D, shape: ConvolutionShape): Tensor4D;
  /** A 1 x 1 convolution at stride 1 as a product of matrices, which is faster, and its gradients. */
  pointwise: {
    convolve(x: Tensor4D, kernel: Tensor4D): Tensor4D;
    kernelGradient(x: Tensor4D, dy: Tensor4D): Tensor4D;
    inputGradient(dy: Tensor4D, kernel: Tensor4D): Tensor4D;
  };
  /** relu((y - mean) / sqrt(variance + epsilon) + beta) with the moments of y, [N, height, width, C]. */
  normalise(
    y: Tensor4D,
    given: { beta: Tensor1D; movingMean: Tensor1D; movingVariance: Tensor1D; epsilon: number; momentum: number },
  ): Normalised;
  /** Gradients of `normalise` by y and by beta. @param value what it gave */
  normaliseGradient(
    dy: Tensor4D,
    given: { y: Tensor4D; value: Tensor4D; reserved: readonly Tensor[]; epsilon: number },
  ): [Tensor4D, Tensor1D];
  /** 3 x 3 at stride 2 without padding, with what its gradient needs; null where the engine has only the plain kernels. */
  maxPool: ((x: Tensor4D) => { value: Tensor4D; workspace: Tensor }) | null;
  maxPoolGradient(dy: Tensor4D, given: { x: Tensor4D; value: Tensor4D; workspace: Tensor }): Tensor4D;
  resources: Resources;
  /** Gradient of a 3 x 3 average pooling at stride 1 over the pixels that are there. @param input its shape, [N, height, width, C] */
  averagePoolGradient(dy: Tensor4D, input: readonly number[]): Tensor4D;
}

/** The name by which TensorFlow makes a variable of its own (`ResourceHandle::ANONYMOUS_NAME`); equal names would be one variable. */
const anonymous = "cd2c89b7-88b7-44c8-ad83-06c2a9158347";

const kernelsOf = new WeakMap<object, NativeKernels>();

/** The kernels of this engine, where it is one on libtensorflow; null on the portable engine. */
export function nativeKernels(tf: Tf): NativeKernels | null {
  if (tf.getBackend() !== "tensorflow") return null;
  const backend: object = tf.backend();
  const known = kernelsOf.get(backend);
  if (known) return known;
  const kernels = kernelsFor(tf, backend as Backend);
  kernelsOf.set(backend, kernels);
  return kernels;
}

function kernelsFor(tf: Tf, backend: Backend): NativeKernels {
  const { binding } = backend;
  const text = (name: string, value: string | string[]): Attribute => ({ name, type: binding.TF_ATTR_STRING, value });
  const whole = (name: string, value: number | number[]): Attribute => ({ name, type: binding.TF_ATTR_INT, value });
  const real = (name: string, value: number): Attribute => ({ name, type: binding.TF_ATTR_FLOAT, value });
  const truth = (name: string, value: boolean): Attribute => ({ name, type: binding.TF_ATTR_BOOL, value });
  const type = (name: string, value: number | number[] = binding.TF_FLOAT): Attribute => ({
    name,
    type: binding.TF_ATTR_TYPE,
    value,
  });
  const one = <T extends Tensor = Tensor4D>(name: string, attributes: Attribute[], inputs: Tensor[]): T => {
    const [output] = backend.executeMultipleOutputs(name, attributes, inputs, 1);
    if (!output) throw new Error(`the kernel ${name} gave nothing`);
    return output as T;
  };
  const layout = text("data_format", "NHWC");
  /** Kernels of oneDNN are asked for by this name, which graphs write by themselves. */
  const oneDnn = text("_kernel", "MklNameChangeOp");
  const convolution = ({ stride, padding }: ConvolutionShape) => [
    type("T"),
    whole("strides", [1, stride, stride, 1]),
    text("padding", padding.toUpperCase()),
    layout,
    whole("dilations", [1, 1, 1, 1]),
  ];

  const fused =
    (kernelName: "_MklNativeFusedConv2D" | "_FusedConv2D"): NativeKernels["foldedConvolution"] =>
    (x, kernel, bias, shape) =>
      one(
        kernelName,
        [
          ...convolution(shape),
          whole("num_args", 1),
          whole("num_host_args", 0),
          type("TArgs", [binding.TF_FLOAT]),
          text("fused_ops", ["BiasAdd", "Relu"]),
          ...(kernelName === "_FusedConv2D" ? [] : [oneDnn]),
        ],
        [x, kernel, bias],
      );
  const composed: NativeKernels["foldedConvolution"] = (x, filter, bias, { stride, padding }) =>
    tf.fused.conv2d({ x, filter, bias, strides: stride, pad: padding, activation: "relu" });

  const maxPooling = [
    type("T"),
    whole("ksize", [1, 3, 3, 1]),
    whole("strides", [1, 2, 2, 1]),
    text("padding", "VALID"),
    layout,
    truth("workspace_enabled", true),
    oneDnn,
  ];
  const remembering = (x: Tensor4D) => {
    const [value, workspace] = backend.executeMultipleOutputs("_MklNativeMaxPool", maxPooling, [x], 2);
    if (!value || !workspace) throw new Error("the kernel _MklNativeMaxPool gave too little");
    return { value: value as Tensor4D, workspace };
  };

  const works = (trial: () => unknown): boolean => {
    try {
      tf.tidy(() => {
        trial();
      });
      return true;
    } catch {
      return false;
    }
  };
  /** The binding of npm's own package takes no list of strings, and an older library has other attributes. */
  const canFuse = (convolve: NativeKernels["foldedConvolution"]) =>
    works(() => convolve(tf.ones([1, 1, 1, 1]), tf.ones([1, 1, 1, 1]), tf.ones([1]), { stride: 1, padding: "same" }));
  const hasOneDnn = !backend.isUsingGpuDevice && works(() => remembering(tf.ones([1, 3, 3, 1])));

  /** Positions of all pictures by channels, or channels by filters. */
  const matrix = (x: Tensor4D): Tensor2D => tf.reshape(x, [-1, x.shape[3]]);
  const product = (a: Tensor4D, b: Tensor4D, shape: Tensor4D["shape"], { a: turnA = false, b: turnB = false } = {}) =>
    tf.tidy((): Tensor4D => {
      const turned = [truth("transpose_a", turnA), truth("transpose_b", turnB)];
      return tf.reshape(one<Tensor2D>("MatMul", [type("T"), ...turned], [matrix(a), matrix(b)]), shape);
    });

  const foldings = [...(hasOneDnn ? [fused("_MklNativeFusedConv2D")] : []), fused("_FusedConv2D")];

  /** Rows of ones, the scale of a batch normalisation without one; one a width, for good. */
  const ones = new Map<number, Tensor1D>();
  const scaleOf = (channels: number): Tensor1D => {
    const made = ones.get(channels) ?? tf.keep(tf.ones([channels]) as Tensor1D);
    ones.set(channels, made);
    return made;
  };
  const normalisation = (epsilon: number) => [
    type("T"),
    type("U"),
    real("epsilon", epsilon),
    layout,
    truth("is_training", true),
  ];

  /** Batch normalisation with ReLU: one kernel, or two. */
  const normaliseAndCut = (attributes: Attribute[], inputs: Tensor[]): Tensor[] => {
    const relu = [whole("num_side_inputs", 0), text("activation_mode", "Relu"), oneDnn];
    if (hasOneDnn)
      return backend.executeMultipleOutputs("_MklNativeFusedBatchNormEx", [...attributes, ...relu], inputs, 6);
    const [normal, ...others] = backend.executeMultipleOutputs("FusedBatchNormV3", attributes, inputs, 6);
    if (!normal) return [];
    const value = one("Relu", [type("T")], [normal]);
    normal.dispose();
    return [value, ...others];
  };

  const dtype = [type("dtype")];
  const resources: Resources = {
    create(value) {
      const names = [text("shared_name", anonymous), text("container", "")];
      const shape = { name: "shape", type: binding.TF_ATTR_SHAPE, value: value.shape };
      const handle = tf.keep(one<Tensor>("VarHandleOp", [...dtype, shape, ...names], []));
      resources.assign(handle, value);
      return handle;
    },
    assign(handle, value) {
      backend.executeMultipleOutputs("AssignVariableOp", dtype, [handle, value], 0);
    },
    read: (handle) => one<Tensor>("ReadVariableOp", dtype, [handle]),
    applyMomentum(weights, velocity, gradient, rate, momentum) {
      const numbers = [tf.scalar(rate), gradient, tf.scalar(momentum)];
      const attributes = [type("T"), truth("use_locking", false), truth("use_nesterov", false)];
      backend.executeMultipleOutputs("ResourceApplyKerasMomentum", attributes, [weights, velocity, ...numbers], 0);
    },
    destroy(handle) {
      backend.executeMultipleOutputs("DestroyResourceOp", [truth("ignore_lookup_error", true)], [handle], 0);
      handle.dispose();
    },
  };

  return {
    foldedConvolution: foldings.find(canFuse) ?? composed,
    pointwise: {
      convolve: (x, kernel) => product(x, kernel, [x.shape[0], x.shape[1], x.shape[2], kernel.shape[3]]),
      kernelGradient: (x, dy) => product(x, dy, [1, 1, x.shape[3], dy.shape[3]], { a: true }),
      inputGradient: (dy, kernel) =>
        product(dy, kernel, [dy.shape[0], dy.shape[1], dy.shape[2], kernel.shape[2]], { b: true }),
    },
    maxPool: hasOneDnn ? remembering : null,
    maxPoolGradient: (dy, { x, value, workspace }) =>
      one("_MklNativeMaxPoolGrad", maxPooling, [x, value, dy, workspace]),
    resources,
    normalise(y, { beta, movingMean, movingVariance, epsilon, momentum }) {
      const [value, mean, variance, ...notes] = normaliseAndCut(
        [...normalisation(epsilon), real("exponential_avg_factor", 1 - momentum)],
        [y, scaleOf(y.shape[3]), beta, movingMean, movingVariance],
      );
      const [first, second, third] = notes;
      if (!value || !mean || !variance || !first || !second || !third)
        throw new Error("the kernel of batch normalisation gave too little");
      return {
        value: value as Tensor4D,
        movingMean: mean as Tensor1D,
        movingVariance: variance as Tensor1D,
        reserved: [first, second, third],
      };
    },
    normaliseGradient(dy, { y, value, reserved, epsilon }) {
      const g = one("ReluGrad", [type("T")], [dy, value]);
      const [toInput, toScale, toOffset, ...empty] = backend.executeMultipleOutputs(
        "FusedBatchNormGradV3",
        normalisation(epsilon),
        [g, y, scaleOf(y.shape[3]), ...reserved],
        5,
      );
      tf.dispose([g, toScale ?? [], ...empty]);
      if (!toInput || !toOffset) throw new Error("the kernel FusedBatchNormGradV3 gave too little");
      return [toInput as Tensor4D, toOffset as Tensor1D];
    },
    averagePoolGradient(dy, input) {
      const shape = tf.tensor1d([...input], "int32");
      const pooling = [whole("ksize", [1, 3, 3, 1]), whole("strides", [1, 1, 1, 1]), text("padding", "SAME")];
      const gradient = one("AvgPoolGrad", [type("T"), ...pooling, layout], [shape, dy]);
      shape.dispose();
      return gradient;
    },
  };
}
