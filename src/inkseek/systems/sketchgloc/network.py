"""The whole network of a recipe."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from inkseek.models.hyperlstm import HyperLSTMCell
from inkseek.models.recurrent import Cell, LayerNormLSTMCell, LSTMCell
from inkseek.systems.sketchgloc.config import SketchGlocConfig
from inkseek.systems.sketchgloc.decoder import SketchDecoder
from inkseek.systems.sketchgloc.encoder import Encoded, GridGraphs, SketchEncoder, StrokeEncoder
from inkseek.systems.sketchgloc.peers.sketch_healer import HealerEncoder
from inkseek.systems.sketchgloc.peers.sketch_lattice import LatticeEncoder
from inkseek.systems.sketchgloc.peers.sketch_pix2seq import Pix2SeqEncoder
from inkseek.systems.sketchgloc.peers.sp_gra2seq import SynonymEncoder


class SketchGloc(nn.Module):
    """Encoder and decoder; start weights come from the global generator of torch.

    Parameters with E = 512 and Z = 128: stroke encoder 2,109,440, graphs 18,874,368, batch norm
    2,048, posterior 262,400, decoder's start 198,144, HyperLSTM 2,548,480, mixture 63,099; in
    all 24,057,979.
    """

    def __init__(self, config: SketchGlocConfig) -> None:
        super().__init__()
        keep = _recurrent_keep(config)
        self.encoder = create_encoder(config)
        self.decoder = SketchDecoder(
            create_cell(config.dec_model, 5 + config.z_size, config.dec_rnn_size, config),
            config.z_size,
            config.num_mixture,
            keep=keep,
            keep_input=config.input_dropout_prob if config.use_input_dropout else 1.0,
            keep_output=config.output_dropout_prob if config.use_output_dropout else 1.0,
        )

    def encode(
        self, batch: Mapping[str, Tensor], generator: torch.Generator | None = None
    ) -> Encoded:
        """Posterior of the codes of a batch of `data.collate`."""
        encoded: Encoded = self.encoder(
            batch["points"], batch["lengths"], batch["localisation"], generator
        )
        return encoded


def create_encoder(config: SketchGlocConfig) -> nn.Module:
    """The encoder of a recipe: SketchGloc's own, or a peer's in its place.

    All of them take nodes, lengths and relations (`graphs.NodeBatch`) and give `Encoded`.
    """
    dim = 2 * config.enc_rnn_size
    match config.encoder:
        case "pix2seq":
            return Pix2SeqEncoder(config.z_size, config.peer)
        case "healer":
            return HealerEncoder(dim, config.z_size, config.peer)
        case "lattice":
            return LatticeEncoder(dim, config.z_size, config.peer)
        case "sp":
            return SynonymEncoder(dim, config.z_size, config.peer)
    there, back = (create_cell(config.enc_model, 2, config.enc_rnn_size, config) for _ in range(2))
    return SketchEncoder(
        StrokeEncoder(there, back, keep=_recurrent_keep(config)),
        GridGraphs(dim, merged=config.graphs == "merged", normalise=config.normalise_adjacency),
        dim=dim,
        code=config.z_size,
    )


def _recurrent_keep(config: SketchGlocConfig) -> float:
    return config.recurrent_dropout_prob if config.use_recurrent_dropout else 1.0


def create_cell(kind: str, input_size: int, num_units: int, config: SketchGlocConfig) -> Cell:
    """A cell by its name in recipes."""
    if kind == "hyper":
        return HyperLSTMCell(
            input_size,
            num_units,
            hyper_units=config.hyper_num_units,
            embedding_size=config.hyper_embedding_size,
        )
    if kind == "layer_norm":
        return LayerNormLSTMCell(input_size, num_units)
    return LSTMCell(input_size, num_units)
