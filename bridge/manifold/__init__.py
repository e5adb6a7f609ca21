"""A model's head as a Boltzmann manifold, on a text: numbers, figures, a page.

`readings` are the numbers, the modules named `figure` the drawings, `page` puts them together.
"""

from bridge.manifold.page import write_page
from bridge.manifold.readings import ManifoldReadings, read

__all__ = ["ManifoldReadings", "read", "write_page"]
