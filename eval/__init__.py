"""How well Crossfoot reads: gold forms, generated pages, a score that sees the errors that matter.

Depends on :mod:`extractor`, never the other way. ``crossfoot eval`` scores a reader;
``python -m eval.prove_main`` and ``eval.prove_eval`` measure and print every figure the project
gives of its reading and of the benchmark itself, ``python -m eval.bench`` those of its speed.
"""
