"""A simulated model behind an OpenAI-compatible endpoint on this machine.

It proves what a client does, and measures what would be done with replies of a stated quality. It
proves nothing about any real model or endpoint: every figure drawn from it is a simulation, and
must say so wherever it is shown.
"""
