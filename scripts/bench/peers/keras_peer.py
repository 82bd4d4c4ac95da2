"""Keras's Inception-v3 on TensorFlow's CPU. Lines of JSON in, {"op", "n"}; lines of JSON out, {"ms", "mb"}."""
import json
import os
import resource
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import tensorflow as tf

models = {}
batches = {}


def prepared(operation):
    base = keras.applications.InceptionV3(weights=None, include_top=False, pooling="avg", input_shape=(299, 299, 3))
    last_frozen = {"train": None, "train-frozen": "mixed2", "head": base.layers[-1].name}[operation]
    if last_frozen:
        for layer in base.layers:
            layer.trainable = False
            if layer.name == last_frozen:
                break
    model = keras.Model(base.input, keras.layers.Dense(1)(base.output))
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(1e-4, momentum=0.95), loss=loss)
    return model


def run(operation, n):
    if operation not in models:
        models[operation] = prepared(operation)
    if n not in batches:
        batches[n] = tf.random.uniform([n, 299, 299, 3]), tf.cast(tf.range(n) % 2, tf.float32)[:, None]
    started = time.perf_counter()
    float(models[operation].train_on_batch(*batches[n]))
    return time.perf_counter() - started


print(json.dumps({"ready": f"Keras {keras.__version__} on TensorFlow {tf.__version__}"}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    seconds = run(asked["op"], asked["n"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": seconds * 1000, "mb": peak}), flush=True)
