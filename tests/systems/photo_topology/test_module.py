import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call, grad

from inkseek.metrics.topology import triplet_agreement
from inkseek.models.backbones import freeze_batch_norm
from inkseek.systems.photo_topology.config import TopologyConfig
from inkseek.systems.photo_topology.module import PooledNet, create_optimiser, find_update
from inkseek.systems.photo_topology.neighbours import (
    comparable_pairs,
    photo_distances,
    relative_neighbourhood,
    sample_pairs,
)
from inkseek.systems.photo_topology.objective import retrieval_loss, topology_loss


def tiny(method="meta", **changes):
    # Wide margins keep every triplet active, so that each term has a gradient.
    values = {"sketch_margin": 0.5, "topology_margin": 0.5, "pairs": 6, "learning_rate": 0.3}
    return TopologyConfig("t", method=method, **values | changes)


def run_steps(network, batch, config, steps=1):
    network.train()
    optimiser = create_optimiser(network, config)
    for _ in range(steps):
        update = find_update(network, batch, config)
        for name, parameter in network.named_parameters():
            parameter.grad = update.gradient[name]
        optimiser.step()
    return network.state_dict()


def losses_by_hand(network, batch, config):
    """Both losses as functions of parameters and buffers, each on one forward pass."""
    generator = torch.Generator().manual_seed(int(batch["seed"]))
    # The negatives are drawn first, then the pairs.
    scores = torch.rand(5, 5, generator=generator)
    identity = batch["identity"]
    neighbourhood = relative_neighbourhood(batch["reference"])
    kept = sample_pairs(
        comparable_pairs(neighbourhood, identity), config.pairs, generator=generator
    )
    others = identity[:5, None] != identity[None, :5]
    negative = scores.masked_fill(~others, -1).argmax(1)
    images = torch.cat([batch["sketch"], batch["photo"]])

    def retrieval(parameters, buffers):
        sketch, photo = functional_call(network, (parameters, buffers), (images,)).chunk(2)
        closer, farther = ((sketch - p).square().mean(1) for p in (photo, photo[negative]))
        return torch.relu(closer - farther + config.sketch_margin).mean()

    def topology(parameters, buffers):
        every = torch.cat([images, batch["undrawn"]])
        embedding = functional_call(network, (parameters, buffers), (every,))
        options = {"neighbourhood": neighbourhood, "kept": kept, "margin": config.topology_margin}
        return topology_loss(embedding[:5], embedding[5:], **options)

    return retrieval, topology


@pytest.mark.parametrize("norms", ["batch", "frozen"])
@pytest.mark.parametrize("method", ["meta", "multi_task", "triplet"])
def test_the_gradient_is_that_of_a_functional_copy(tiny_network, tiny_batch, method, norms):
    network = tiny_network.train()
    if norms == "frozen":
        freeze_batch_norm(network)
    config = tiny(method, topology_weight=0.6)
    if method == "multi_task":  # one pass has one set of batch statistics
        tiny_batch["undrawn"] = tiny_batch["undrawn"][:0]
        tiny_batch["identity"] = tiny_batch["identity"][:5]
        tiny_batch["reference"] = tiny_batch["reference"][:, :5]
    copied = copy.deepcopy(network)
    retrieval, topology = losses_by_hand(copied, tiny_batch, config)
    buffers = {name: b.clone() for name, b in copied.named_buffers()}
    start = {name: p.detach() for name, p in copied.named_parameters()}
    first = grad(retrieval)(start, {k: b.clone() for k, b in buffers.items()})
    at = start
    if method == "meta":
        at = {k: p - 0.3 * first[k] for k, p in start.items()}
    second = grad(topology)(at, {k: b.clone() for k, b in buffers.items()})
    weight = 0.0 if method == "triplet" else 0.6
    found = find_update(network, tiny_batch, config)
    for name, gradient in found.gradient.items():
        expected = first[name] + weight * second[name]
        torch.testing.assert_close(gradient, expected, rtol=1e-6, atol=1e-6)
        assert gradient.abs().max() > 0 or name == "4.bias"


def test_one_step_is_algorithm_1_done_with_autograd_on_a_copy(tiny_network, tiny_batch):
    config = tiny(topology_weight=0.5)
    copied = copy.deepcopy(tiny_network).train()
    buffers = dict(copied.named_buffers())
    retrieval, topology = losses_by_hand(copied, tiny_batch, config)
    start = [p.detach().clone() for p in copied.parameters()]
    retrieval(dict(copied.named_parameters()), buffers).backward()
    first = [p.grad.clone() for p in copied.parameters()]
    copied.zero_grad()
    with torch.no_grad():
        for parameter, step in zip(copied.parameters(), first, strict=True):
            parameter -= 0.3 * step  # line 6
    copies = {k: b.clone() for k, b in buffers.items()}
    topology(dict(copied.named_parameters()), copies).backward()
    second = [p.grad for p in copied.parameters()]
    run_steps(tiny_network, tiny_batch, config)
    for now, was, g, h in zip(tiny_network.parameters(), start, first, second, strict=True):
        # Line 12, with eta_t half of eta_s.
        torch.testing.assert_close(now.detach(), was - 0.3 * g - 0.15 * h, rtol=1e-9, atol=1e-9)


def test_momentum_sees_the_summed_gradient_once_a_step(tiny_network, tiny_batch):
    config = tiny()
    by_hand = copy.deepcopy(tiny_network).train()
    velocity = [torch.zeros_like(p) for p in by_hand.parameters()]
    for _ in range(3):
        gradients = find_update(by_hand, tiny_batch, config).gradient.values()
        velocity = [0.9 * v + g for v, g in zip(velocity, gradients, strict=True)]
        with torch.no_grad():
            for parameter, v in zip(by_hand.parameters(), velocity, strict=True):
                parameter -= 0.3 * v
    run_steps(tiny_network, tiny_batch, config, steps=3)
    for actual, expected in zip(tiny_network.parameters(), by_hand.parameters(), strict=True):
        torch.testing.assert_close(actual, expected, rtol=1e-9, atol=1e-9)


def test_without_its_weight_the_two_step_update_is_plain_triplet_sgd(tiny_network, tiny_batch):
    """Parameters, and the running statistics of batch norms, which move once a step."""
    other = copy.deepcopy(tiny_network)
    meta = run_steps(tiny_network, tiny_batch, tiny(topology_weight=0.0), steps=4)
    alone = run_steps(other, tiny_batch, tiny("triplet"), steps=4)
    for name, value in alone.items():
        torch.testing.assert_close(meta[name], value, rtol=0, atol=0, msg=name)
    assert int(meta["1.num_batches_tracked"]) == 4


def test_the_running_statistics_do_not_see_the_second_pass(tiny_network, tiny_batch):
    expected = copy.deepcopy(tiny_network).train()
    expected(torch.cat([tiny_batch["sketch"], tiny_batch["photo"]]))
    run_steps(tiny_network, tiny_batch, tiny())
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        torch.testing.assert_close(getattr(tiny_network[1], name), getattr(expected[1], name))


def test_finding_an_update_changes_no_parameter(tiny_network, tiny_batch):
    before = copy.deepcopy(tiny_network.train())
    find_update(tiny_network, tiny_batch, tiny())
    for now, was in zip(tiny_network.parameters(), before.parameters(), strict=True):
        assert torch.equal(now, was)
        assert now.grad is None


def test_undrawn_photos_change_the_topology_loss_alone(tiny_network, tiny_batch):
    with_undrawn = find_update(tiny_network, tiny_batch, tiny())
    tiny_batch["undrawn"] = tiny_batch["undrawn"].flip(0)
    moved = find_update(tiny_network, tiny_batch, tiny())
    assert moved.retrieval.item() == with_undrawn.retrieval.item()
    assert moved.topology.item() != with_undrawn.topology.item()


@pytest.mark.parametrize(
    ("name", "kind"),
    [("sgd", torch.optim.SGD), ("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)],
)
def test_the_optimiser_is_the_one_asked_for(tiny_network, name, kind):
    config = tiny(optimiser=name, learning_rate=0.25, weight_decay=0.5)
    optimiser = create_optimiser(tiny_network, config)
    assert type(optimiser) is kind
    assert (optimiser.defaults["lr"], optimiser.defaults["weight_decay"]) == (0.25, 0.5)
    assert optimiser.defaults.get("momentum", 0.9) == 0.9


def test_the_network_scales_bytes_and_pools(shapes):
    backbone = nn.Conv2d(3, 3, 1, bias=False)
    backbone.weight.data = torch.eye(3)[:, :, None, None]
    network = PooledNet(backbone, (0.5, 0.25, 0.0), (0.5, 0.25, 2.0))
    image = torch.tensor([255, 0, 102], dtype=torch.uint8)[None, :, None, None].expand(-1, -1, 4, 4)
    torch.testing.assert_close(network(image), torch.tensor([[1.0, -1.0, 0.2]]))
    assert set(network.state_dict()) == {"backbone.weight"}


def make_world(count=24, dim=8):
    """Photos as random vectors; a sketch shows half of what its photo has, through a mixer."""
    generator = np.random.default_rng(0)
    photo = generator.normal(size=(count, dim))
    mixer = generator.normal(size=(dim, dim)) / np.sqrt(dim)
    sketch = (photo * (np.arange(dim) < dim // 2)) @ mixer
    photo = np.concatenate([photo, np.zeros_like(photo)], axis=1)
    sketch = np.concatenate([np.zeros_like(sketch), sketch], axis=1)
    return torch.tensor(sketch, dtype=torch.float32), torch.tensor(photo, dtype=torch.float32)


@pytest.mark.slow
def test_training_keeps_more_topology_with_its_loss_than_without():
    sketch, photo = make_world()
    torch.manual_seed(0)
    start = nn.Sequential(nn.Linear(16, 32), nn.Tanh(), nn.Linear(32, 12))
    with torch.no_grad():
        reference = photo_distances(start(photo).numpy())
    batch = {
        "sketch": sketch,
        "photo": photo,
        "undrawn": photo[:0],
        "identity": torch.arange(len(photo)),
        "reference": torch.from_numpy(reference),
    }
    kept = {}
    # Shares of triplets that photos keep among themselves, and that sketches keep as anchors.
    for chosen in ("triplet", "multi_task", "meta"):
        network = copy.deepcopy(start)
        config = tiny(chosen, learning_rate=0.05, pairs=0, topology_margin=0.05)
        optimiser = create_optimiser(network, config)
        for step in range(60):
            update = find_update(network, batch | {"seed": torch.tensor(step)}, config)
            for name, parameter in network.named_parameters():
                parameter.grad = update.gradient[name]
            optimiser.step()
        with torch.no_grad():
            asked, shown = network(sketch), network(photo)
        anchors = np.arange(len(photo))
        spread = (asked[:, None] - shown[None]).square().mean(2).numpy()
        kept[chosen] = (
            triplet_agreement(reference, photo_distances(shown.numpy()), anchors),
            triplet_agreement(reference, spread, anchors),
        )
    for method in ("multi_task", "meta"):
        assert kept[method][0] > kept["triplet"][0] + 0.02
        assert kept[method][1] > kept["triplet"][1] + 0.02


def test_the_hand_written_retrieval_loss_draws_as_the_real_one(tiny_network, tiny_batch):
    network = tiny_network.eval()
    retrieval, _ = losses_by_hand(network, tiny_batch, tiny())
    with torch.no_grad():
        sketch, photo = network(tiny_batch["sketch"]), network(tiny_batch["photo"])
        expected = retrieval(dict(network.named_parameters()), dict(network.named_buffers()))
    found = retrieval_loss(
        sketch,
        photo,
        identity=tiny_batch["identity"][:5],
        margin=0.5,
        generator=torch.Generator().manual_seed(7),
    )
    assert found.item() == pytest.approx(expected.item(), rel=1e-12)
