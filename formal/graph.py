"""Which statement speaks of which: the graph from claims to the definitions they rest on."""

from collections.abc import Mapping

import networkx as nx

from formal.quantity import quantities
from formal.statement import Statement


def uses(statements: Mapping[str, Statement]) -> nx.DiGraph:
    """The graph with an edge from each statement to every definition that its claim mentions.

    A definition points to the definitions that it is made of, a statement that is no relation
    of numbers to those by which it is checked. The graph has no cycle: definitions are
    independent of one another's theorems.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from(statements)
    for name, statement in statements.items():
        mentioned = set(statement.consequences)
        if statement.claim is not None:
            mentioned |= {type(node).__name__ for node in quantities(statement.claim)}
        graph.add_edges_from((name, other) for other in mentioned - {name} if other in graph)
    return graph


def foundations(statements: Mapping[str, Statement], name: str) -> list[str]:
    """All that a statement rests on, definitions before what is made of them.

    Where neither of two is made of the other, they stand in the order of the catalogue.
    """
    graph = uses(statements)
    order = {known: place for place, known in enumerate(statements)}
    below = graph.subgraph(nx.descendants(graph, name)).reverse()
    return list(nx.lexicographical_topological_sort(below, key=order.__getitem__))


def used_by(statements: Mapping[str, Statement], name: str) -> list[str]:
    """All statements that rest on one, in the order of the catalogue."""
    above = nx.ancestors(uses(statements), name)
    return [known for known in statements if known in above]
