"""Measurements: `python -m benchmarks.engine`, `python -m benchmarks.proofs`."""
