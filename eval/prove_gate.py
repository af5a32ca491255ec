"""The gate: green as it is, red on a planted regression."""

from eval.figures import Figures


def prove_gate(figures: Figures, jobs: int) -> None: ...
