"""ONNX Runtime's CPU provider on PyTorch's Inception-v3. Lines of JSON in, {"op", "n"}; lines of JSON out, {"ms", "mb"}."""
import json
import os
import resource
import sys
import tempfile
import time

import numpy
import onnxruntime
import torch
import torchvision

net = torchvision.models.inception_v3(weights=None, aux_logits=False, num_classes=1, init_weights=False).eval()
path = os.path.join(tempfile.mkdtemp(dir=os.getcwd()), "inception.onnx")
axes = {"x": {0: "n"}, "y": {0: "n"}}
torch.onnx.export(
    net, (torch.rand(1, 3, 299, 299),), path, input_names=["x"], output_names=["y"], dynamic_axes=axes, dynamo=False
)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(sys.argv[1])
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
together = 8

print(json.dumps({"ready": "ONNX Runtime " + onnxruntime.__version__}), flush=True)
for line in sys.stdin:
    n = json.loads(line)["n"]
    x = numpy.random.rand(n, 3, 299, 299).astype("float32")
    started = time.perf_counter()
    for start in range(0, n, together):
        session.run(None, {"x": x[start : start + together]})
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": seconds * 1000, "mb": peak}), flush=True)
