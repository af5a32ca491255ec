"""What Crossfoot can show of itself: gold documents, faults, damage, speed.

Depends on :mod:`extractor`, never the other way. ``python -m eval.prove_main`` measures and prints
every figure the project gives of its reading; ``python -m eval.bench`` those of its speed.
"""
