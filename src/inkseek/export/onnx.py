"""A torch encoder to a single ONNX file that takes bytes and gives unit rows."""

import warnings

import numpy as np
import onnx
import torch
from jaxtyping import Float, UInt8
from onnx import TensorProto, helper, numpy_helper
from timm.layers.conv2d_same import Conv2dSame
from torch import Tensor, nn

from inkseek.errors import ModelError
from inkseek.models.backbones import EmbeddingNet, scale_pixels

OPSET = 18


class BytesEncoder(nn.Module):
    """Preprocessing and network together, so that no caller can get the scaling wrong."""

    def __init__(self, network: EmbeddingNet, *, places: bool) -> None:
        super().__init__()
        self.network = network
        self.places = places

    def forward(
        self, image: UInt8[Tensor, "batch 3 side side"]
    ) -> tuple[Float[Tensor, "batch ..."], ...]:
        """Embed RGB bytes; with `places`, the parts of the embedding by place come second."""
        pixels = scale_pixels(image)
        if self.places:
            embedding, parts = self.network.embed_places(pixels)
            return embedding, parts
        return (self.network(pixels),)


def absorb_batch_norm(network: nn.Module) -> None:
    """Move the scale of frozen batch norms into the convolutions before them, in place.

    The function computed stays the same; each norm is left with a shift alone. Folding then
    multiplies weights by exactly 1, so that rounded weights stay rounded in the exported file.
    """
    previous: nn.Conv2d | None = None
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            previous = module
        elif isinstance(module, nn.BatchNorm2d) and previous is not None:
            if module.running_mean is None or module.running_var is None:
                raise ModelError("a batch norm without running statistics cannot be absorbed")
            with torch.no_grad():
                scale = module.weight / torch.sqrt(module.running_var + module.eps)
                previous.weight.mul_(scale[:, None, None, None])
                module.bias.sub_(module.running_mean * scale)
                module.weight.fill_(1.0)
                module.running_mean.zero_()
                module.running_var.fill_(1.0 - module.eps)
            previous = None


def round_to_half(network: nn.Module) -> None:
    """Round every weight to what float16 can hold, in place.

    The files then store 16 bits a weight and lose nothing against the network that was measured.
    """
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(parameter.half().float())


def fix_padding(network: nn.Module) -> None:
    """Give convolutions that pad as TensorFlow does (``same``) a fixed padding, in place.

    They pad by the size of what comes in. For a side that the stride divides, the padding is
    always $k - s$ in total, the odd pixel right and below; so for canvases that the network's
    whole stride divides it can be fixed, and one exported file serves them all.
    """
    for name, module in list(network.named_modules()):
        if not isinstance(module, Conv2dSame):
            continue
        rows, columns = (
            max(kernel - stride, 0)
            for kernel, stride in zip(module.kernel_size, module.stride, strict=True)
        )
        pads = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)
        plain = nn.Conv2d(
            module.in_channels,
            module.out_channels,
            (module.kernel_size[0], module.kernel_size[1]),
            (module.stride[0], module.stride[1]),
            groups=module.groups,
            bias=module.bias is not None,
        )
        plain.load_state_dict(module.state_dict())
        network.set_submodule(name, nn.Sequential(nn.ZeroPad2d(pads), plain))


def to_onnx(network: EmbeddingNet, stride: int = 32, *, places: bool = False) -> onnx.ModelProto:
    """Export in evaluation mode, for any batch size and any side that ``stride`` divides.

    Args:
        network: Its batch norms absorbed, its padding fixed.
        stride: Of the network as a whole.
        places: Add the output of `EmbeddingNet.embed_places`, which explanations need.
    """
    wrapped = BytesEncoder(network, places=places).eval()
    example = torch.zeros(2, 3, 3 * stride, 3 * stride, dtype=torch.uint8)
    side = stride * torch.export.Dim("strides", min=1, max=64)
    with warnings.catch_warnings():
        # The exporter warns of its own dependencies; parity tests judge what it made.
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            wrapped,
            (example,),
            input_names=["image"],
            output_names=["embedding", "places"] if places else ["embedding"],
            dynamic_shapes={"image": {0: torch.export.Dim("batch", min=1), 2: side, 3: side}},
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise ModelError("the exporter returned no program; check the versions of torch and onnx")
    model: onnx.ModelProto = program.model_proto
    _strip_notes(model)
    return model


def _strip_notes(model: onnx.ModelProto) -> None:
    """Remove the exporter's notes: they hold source paths of the machine that exported."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info,
                 *graph.initializer):  # fmt: skip
        part.ClearField("doc_string")
        part.ClearField("metadata_props")


def store_as_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Keep large weights as float16 with a cast in front; the runtime folds the cast on loading.

    Halves the file. Arithmetic stays in float32. Weights already rounded by `round_to_half`, and
    not changed by folding, come out exactly; folded ones differ by half a unit of float16.
    """
    smaller = onnx.ModelProto()
    smaller.CopyFrom(model)
    graph = smaller.graph
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < 256:
            continue
        half = numpy_helper.to_array(tensor).astype(np.float16)
        name = f"{tensor.name}_half"
        casts.append(helper.make_node("Cast", [name], [tensor.name], to=TensorProto.FLOAT))
        tensor.CopyFrom(numpy_helper.from_array(half, name))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])
    onnx.checker.check_model(smaller)
    return smaller
