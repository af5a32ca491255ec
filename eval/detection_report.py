"""Labelled fields of a run → how well errors are told from right values, as the run keeps it."""

from __future__ import annotations

from collections.abc import Sequence

from eval.detection import (
    GUARANTEES,
    Rated,
    auroc,
    brier,
    coverages,
    reliability,
    with_value,
)
from eval.fitting import can_learn, out_of_fold
from eval.labels import Labels
from eval.results import Ablated, Covered, Detection, ReliabilityBin
from extractor.signals import SIGNALS, SOURCES, Source

ABLATED_AT = GUARANTEES[2]
"""The limit at which coverage is told with the signals of one source left out."""


def detection_of(labels: Labels) -> Detection:
    """Every figure is out of fold by document family; with too few errors there are only counts."""
    known = list(labels.known())
    counts = Detection(
        fields=sum(fields for *_, fields, _ in known),
        errors=sum(wrong for *_, wrong in known),
        families=len({kind.family for kind, *_ in known}),
        lost=sum(wrong for kind, wrong in labels.wrong.items() if kind.signals is None),
    )
    if not can_learn(labels):
        return counts
    rated = out_of_fold(labels)
    values = with_value(rated)
    return counts.model_copy(
        update={
            "auroc": auroc(rated),
            "auroc_values": auroc(values),
            "brier": brier(rated),
            "reliability": [ReliabilityBin(**one._asdict()) for one in reliability(rated)],
            "coverage": _covered(rated),
            "coverage_values": _covered(values),
            "ablation": {source: _without(labels, source) for source in SOURCES},
        }
    )


def _covered(rated: Sequence[Rated]) -> list[Covered]:
    return [Covered(**one._asdict()) for one in coverages(rated)]


def _without(labels: Labels, source: Source) -> Ablated:
    left_out = [name for name, signal in SIGNALS.items() if signal.source == source]
    rated = out_of_fold(labels, left_out)
    (accepted,) = coverages(rated, (ABLATED_AT,))
    return Ablated(
        auroc=auroc(rated), auroc_values=auroc(with_value(rated)), coverage=accepted.share
    )
