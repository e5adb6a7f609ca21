"""Measurements of the numeric layer: `python -m benchmarks.state`."""
