import numpy as np
import pytest
import torch

from inkseek.data.tasks import make_tasks
from inkseek.errors import ModelError
from inkseek.models.backbones import create_backbone
from inkseek.report.retrieval import evaluate_task
from inkseek.report.subject import measure
from inkseek.systems.photo_topology.config import TopologyConfig
from inkseek.systems.photo_topology.module import PooledNet
from inkseek.systems.siamese.config import SiameseConfig
from inkseek.systems.siamese.module import create_network
from inkseek.systems.sketchynet.config import StudentConfig
from inkseek.systems.sketchynet.student import create_student
from inkseek.systems.subjects import euclidean, load_subject
from inkseek.training.loop import CHECKPOINT
from inkseek.training.recipe import RECIPE, write_recipe

SMALL = {"backbone": "mobilenetv2_035", "weights": None, "sets": ("shoes",)}


def store(network, config, system, run):
    state = {f"network.{key}": value for key, value in network.state_dict().items()}
    torch.save({"state_dict": state}, run / CHECKPOINT)
    write_recipe(config, system, run / RECIPE)
    return load_subject(run)


def siamese(run):
    config = SiameseConfig("s", dim=8, canvas_size=32, photo_canvas_size=48, **SMALL)
    return store(create_network(config, pretrained=False), config, "siamese", run)


def student(run):
    config = StudentConfig(
        "v",
        ("gone",),
        dim=8,
        canvas_sizes=(32, 64),
        photo_canvas_size=48,
        norms="by_canvas",
        **SMALL,
    )
    return store(create_student(config, pretrained=False), config, "sketchynet", run)


def topology(run):
    config = TopologyConfig("t", canvas_size=32, resize=32, **SMALL)
    backbone = create_backbone(config.backbone, weights=None)
    network = PooledNet(backbone, config.pixel_mean, config.pixel_std)
    return store(network, config, "photo_topology", run)


@pytest.mark.parametrize(
    ("make", "canvases", "photo"),
    [(siamese, [32], 48), (student, [32, 64], 48), (topology, [32], 32)],
)
def test_a_run_is_measured_on_every_canvas_it_knows(make, canvases, photo, shapes, tmp_path):
    torch.manual_seed(0)
    subject = make(tmp_path)
    assert list(subject.embed_sketch) == canvases
    assert (subject.photo_canvas_size, subject.sets) == (photo, ("shoes",))
    tasks = make_tasks([shapes.pairs], "train", frozenset())
    figures = measure(subject, [shapes], tasks)
    assert list(figures) == [str(size) for size in canvases]
    for measured in figures.values():
        assert [f.metric for f in measured] == ["acc@1", "acc@10"]
        assert measured[0].num_queries == 32


def test_products_of_euclidean_rows_rank_as_the_distances_do(shapes):
    generator = np.random.default_rng(0)
    sketches = 3 * generator.normal(size=(32, 5)).astype(np.float32)
    photos = 3 * generator.normal(size=(16, 5)).astype(np.float32)
    sketch, photo = euclidean(lambda images: sketches if len(images) == 32 else photos)
    s, p = sketch(np.zeros((32, 1, 1, 3), np.uint8)), photo(np.zeros((16, 1, 1, 3), np.uint8))
    distances = np.square(sketches[:, None] - photos[None]).sum(2)
    np.testing.assert_array_equal(np.argsort(-s @ p.T, axis=1), np.argsort(distances, axis=1))
    (task,) = make_tasks([shapes.pairs], "train", frozenset())
    found = evaluate_task(task, s, p)[0].interval.mean
    true = np.array([ref.photo for ref in shapes.pairs.sketches])
    assert found == pytest.approx((distances.argmin(1) == true).mean())


def test_a_run_without_an_encoder_says_which_have_one(tmp_path):
    (tmp_path / RECIPE).write_text("system: sketchgloc\n")
    with pytest.raises(ModelError, match="those of photo_topology, siamese, sketchynet do"):
        load_subject(tmp_path)
