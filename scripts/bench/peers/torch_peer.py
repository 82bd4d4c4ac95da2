"""PyTorch's Inception-v3 on the CPU. Lines of JSON in, {"op", "n"}; lines of JSON out, {"ms", "mb"}."""
import json
import resource
import sys
import time

import torch
import torchvision

torch.manual_seed(0)
torch.set_num_threads(int(sys.argv[1]))
torch.set_num_interop_threads(1)
steps = {}
batches = {}


def prepared(operation):
    net = torchvision.models.inception_v3(weights=None, aux_logits=False, num_classes=1, init_weights=False)
    net.dropout.p = 0.0
    net = net.to(memory_format=torch.channels_last).train()
    if operation == "train-frozen":
        for name, part in net.named_children():
            if name.startswith(("Conv2d_", "maxpool", "Mixed_5")):
                part.eval().requires_grad_(False)
    learning = [p for p in net.parameters() if p.requires_grad]
    return net, torch.optim.SGD(learning, lr=1e-4, momentum=0.95)


def run(operation, n):
    if operation not in steps:
        steps[operation] = prepared(operation)
    if n not in batches:
        x = torch.rand(n, 3, 299, 299).to(memory_format=torch.channels_last)
        batches[n] = x, (torch.arange(n) % 2).float().unsqueeze(1)
    net, optimiser = steps[operation]
    x, y = batches[n]
    started = time.perf_counter()
    optimiser.zero_grad(set_to_none=True)
    torch.nn.functional.binary_cross_entropy_with_logits(net(x), y).backward()
    optimiser.step()
    return time.perf_counter() - started


print(json.dumps({"ready": "PyTorch " + torch.__version__.split("+")[0]}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    seconds = run(asked["op"], asked["n"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": seconds * 1000, "mb": peak}), flush=True)
