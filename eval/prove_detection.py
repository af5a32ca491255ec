"""How well errors are told from right values, by where they fall and by what the evidence is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.detection import auroc, brier, coverages, reliability, with_value
from eval.double_entry import Reader
from eval.figures import Figures
from eval.fitting import out_of_fold
from eval.labels import Labels
from eval.promised_labels import Population
from extractor.signals import SIGNALS, SOURCES

AUROC = 0.97
_ABLATED_AT = 0.005


def prove(
    figures: Figures,
    found: Mapping[Population, Labels],
    headline: Reader,
    rhos: Sequence[float],
) -> None:
    """AUROC, Brier, reliability, coverage and ablation; bounds for the headline reader."""
    figures.title("Detection, a simulation: out of fold, every family rated by the others")
    for (reader, rho), labels in found.items():
        rated = out_of_fold(labels)
        values = with_value(rated)
        told = {
            "auroc": auroc(rated),
            "auroc_values": auroc(values),
            "brier": brier(rated),
            "coverage": [list(one) for one in coverages(rated)],
            "coverage_values": [list(one) for one in coverages(values)],
            "reliability": [list(one) for one in reliability(rated)],
        }
        figures.put(f"detection, {reader}, rho {rho:g}", told)
        covered = " · ".join(
            f"{100 * one.share:.1f} % at {100 * one.limit:g} %" for one in coverages(values)
        )
        figures.say(
            f"{reader:15} rho {rho:g}: AUROC {told['auroc']:.4f}, of fields with a value "
            f"{told['auroc_values']:.4f}, Brier {told['brier']:.5f}"
        )
        figures.say(f"{'':15} of those covered at a guaranteed error: {covered}")
    for rho in rhos:
        value = auroc(with_value(out_of_fold(found[headline, rho]))) or 0.0
        text = f"AUROC {value:.4f} of fields with a value, {headline}, rho {rho:g} (bound: {AUROC})"
        figures.bound(f"auroc_rho_{rho:g}", value, text, value >= AUROC)
    _reliability(figures, found[headline, rhos[1]])
    _ablation(figures, found[headline, rhos[1]])


def _reliability(figures: Figures, labels: Labels) -> None:
    figures.say("probability of being wrong: fields, expected and seen (all fields, rho 0.5)")
    for one in reliability(out_of_fold(labels)):
        figures.say(
            f"   {one.low:<7g}–{one.high:<6g} {one.fields:9,}  {100 * one.expected:8.4f} %"
            f"  {100 * one.wrong:8.4f} %"
        )


def _ablation(figures: Figures, labels: Labels) -> None:
    """What is lost with the signals of one source left out, and with one signal left out."""
    full = with_value(out_of_fold(labels))
    base = auroc(full) or 0.0
    (at,) = coverages(full, (_ABLATED_AT,))
    figures.say(f"ablation, rho 0.5: AUROC of values {base:.4f}, {100 * at.share:.1f} % covered")
    told: dict[str, list[float]] = {}
    groups: dict[str, tuple[str, ...]] = {
        f"without {source}": tuple(n for n, s in SIGNALS.items() if s.source == source)
        for source in SOURCES
    }
    groups |= {f"without the signal {name}": (name,) for name in SIGNALS}
    for name, left_out in groups.items():
        rated = with_value(out_of_fold(labels, left_out))
        value = auroc(rated) or 0.0
        (covered,) = coverages(rated, (_ABLATED_AT,))
        told[name] = [value, covered.share]
        if len(left_out) > 1 or abs(value - base) >= 0.0005:
            figures.say(
                f"   {name:32} AUROC {value - base:+.4f}, "
                f"covered at {100 * _ABLATED_AT:g} %: {100 * covered.share:.1f} %"
            )
    figures.put("ablation", told)
