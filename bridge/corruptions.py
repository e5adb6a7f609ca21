"""Random corruptions of certificates, each with its hash made right again.

`raw` changes one value anywhere in the JSON data. `deep` changes one term, rule or number of a
step and writes the certificate anew in canonical form, so that nothing but the rules of the
kernel can refuse it. A corruption that is accepted must still mean the same: the same claim from
the same hypotheses, by equations of the first certificate and no others.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from formal import replay
from formal.proof.certificate import digest
from formal.proof.rules import RULES

Data = dict[str, Any]
_WORDS = (
    *("Eq", "Le", "lin", "field", "axiom", "unfold", "log", "exp", "add", "mul", "real"),
    *("positive", "x", "", "V", "#1", "sum", "pow"),
)


def corrupted(data: Data, random: Random) -> Data:
    """A corrupted copy, of either kind."""
    return random.choice((raw, deep))(data, random)


def tally(
    data: Data,
    claim: Any,
    assuming: Any,
    random: Random,
    count: int,
    replayed: Callable[..., bool] = replay,
) -> tuple[Counter[str], list[Data]]:
    """How many corruptions were rejected or keep the meaning, and those accepted wrongly."""
    counted, wrong = Counter[str](), []
    while counted.total() + len(wrong) < count:
        bad = corrupted(data, random)
        if bad == data:
            continue
        if not replayed(bad, claim, assuming):
            counted["rejected"] += 1
        elif _means_the_same(bad, data):
            counted["same meaning"] += 1
        else:
            wrong.append(bad)
    return counted, wrong


def raw(data: Data, random: Random) -> Data:
    """The certificate with one value somewhere changed."""
    data = copy.deepcopy(data)
    container, key = random.choice(list(_values(data)))
    container[key] = _changed(container[key], random, len(data["terms"]))
    data["sha256"] = digest(data)
    return data


def _values(node: Any, top: bool = True) -> Iterator[tuple[Any, Any]]:
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        if top and key == "sha256":
            continue
        yield node, key
        if isinstance(node[key], (dict, list)):
            yield from _values(node[key], False)


def _changed(value: Any, random: Random, rows: int) -> Any:
    if isinstance(value, bool) or value is None:
        return 0
    if isinstance(value, int):
        return random.choice([value + 1, value - 1, -value - 1, random.randrange(rows), "0", None])
    if isinstance(value, str):
        return random.choice([word for word in (*_WORDS, value + "x") if word != value])
    if isinstance(value, list) and value:
        choices: list[Any] = [value[:-1], [*value, value[-1]], [], {}]
        return random.choice(choices if value[::-1] == value else [*choices, value[::-1]])
    return 7 if isinstance(value, list) else []


def deep(data: Data, random: Random) -> Data:
    """The certificate with one part of the proof changed, written anew in canonical form."""
    proof = _spelled(data)
    steps = proof["steps"]
    parts = ["steps"] * 8 * bool(steps) + ["displayed"] * (proof["displayed"] is not None)
    match random.choice([*parts, "conditions"] if proof["conditions"] or not parts else parts):
        case "steps":
            _change_steps(steps, random)
        case "displayed":
            proof["displayed"] = _other(proof["displayed"], random)
        case _:
            proof["conditions"] = proof["conditions"][1:]
    return _written(proof)


def _change_steps(steps: list[list], random: Random) -> None:
    step, other = random.choice(steps), random.choice(steps)
    match random.randrange(6):
        case 0:
            steps.remove(step)
        case 1:
            step[0] = random.choice(sorted(RULES.keys() - {step[0]}))
        case 2:
            place = random.choice((1, 2))
            step[place] = random.choice((_other(step[place], random), other[place]))
        case 3:
            step[3] = other[3]
        case 4:
            step[1], step[2] = step[2], step[1]
        case _:
            step[3] = _other_data(step[3], random)


def _other_data(data: Any, random: Random) -> Any:
    """The data of a step with one number or one term changed."""
    if isinstance(data, Spelled):
        return _other(data, random)
    if isinstance(data, list) and data:
        place = random.randrange(len(data))
        if random.random() < 0.2:
            return data[:place] + data[place + 1 :]
        return [*data[:place], _other_data(data[place], random), *data[place + 1 :]]
    return data + random.choice((-1, 1)) if isinstance(data, int) else data


def _other(term: Spelled, random: Random) -> Spelled:
    """A term changed at one place: a number, a name, an operation, a missing part."""
    inner = [n for n, a in enumerate(term) if isinstance(a, Spelled)]
    if inner and random.random() < 0.8:
        place = random.choice(inner)
        return _sorted((*term[:place], _other(term[place], random), *term[place + 1 :]))
    op, *args = term
    swaps = {"add": "mul", "mul": "add", "exp": "log", "log": "exp", "gap": "rise", "rise": "gap"}
    swaps |= {"sin": "cos", "cos": "sin"}
    if op in ("add", "mul") and len(args) > 2 and random.random() < 0.5:
        return Spelled((op, *args[1:]))
    if op in swaps:
        return _sorted((swaps[op], *args))
    places = [n for n, a in enumerate(args) if isinstance(a, (int, str))]
    if not places:
        return _sorted((op, *args[::-1]))
    place = random.choice(places)
    args[place] = args[place] + 1 if isinstance(args[place], int) else f"{args[place]}x"
    return Spelled((op, *args))


class Spelled(tuple[Any, ...]):
    """A term written out: its operation, then names, numbers and terms."""


def _sorted(term: Any) -> Spelled:
    op, *args = term
    return Spelled((op, *(sorted(args, key=_text) if op in ("add", "mul") else args)))


def _text(term: Spelled) -> str:
    return f"({' '.join(_text(a) if isinstance(a, Spelled) else str(a) for a in term)})"


def _spelled(data: Data) -> Data:
    """The certificate with terms written out in the place of references."""
    terms: list[Spelled] = []
    for row in data["terms"]:
        terms.append(Spelled(terms[a[0]] if isinstance(a, list) else a for a in row))

    def value(node: Any) -> Any:
        if isinstance(node, dict):
            return terms[node["term"]]
        return [value(part) for part in node] if isinstance(node, list) else node

    def relation(node: list) -> list:
        return [node[0], terms[node[1]], terms[node[2]]]

    steps = [[r, terms[b], terms[a], value(d)] for r, b, a, d in data["steps"]]
    return {
        **data,
        "claim": relation(data["claim"]),
        "hypotheses": [relation(h) for h in data["hypotheses"]],
        "steps": steps,
        "displayed": None if data["displayed"] is None else terms[data["displayed"]],
        "conditions": [[kind, terms[place]] for kind, place in data["conditions"]],
    }


def _written(proof: Data) -> Data:
    """The certificate of a proof with terms written out, each row where it is first needed."""
    rows: list[list] = []
    places: dict[Spelled, int] = {}

    def place(term: Spelled) -> int:
        if term not in places:
            row = [[place(a)] if isinstance(a, Spelled) else a for a in term]
            places[term] = len(rows)
            rows.append(row)
        return places[term]

    def value(node: Any) -> Any:
        if isinstance(node, Spelled):
            return {"term": place(node)}
        return [value(part) for part in node] if isinstance(node, list) else node

    def relation(node: list) -> list:
        return [node[0], place(node[1]), place(node[2])]

    data = {
        "format": proof["format"],
        "claim": relation(proof["claim"]),
        "hypotheses": [relation(h) for h in proof["hypotheses"]],
        "steps": [[r, place(b), place(a), value(d)] for r, b, a, d in proof["steps"]],
        "displayed": None if proof["displayed"] is None else place(proof["displayed"]),
        "conditions": [[kind, place(term)] for kind, term in proof["conditions"]],
        "used": proof["used"],
        "terms": rows,
    }
    return {**data, "sha256": digest(data)}


def _set(relations: list) -> set[str]:
    return set(map(repr, relations))


def _means_the_same(bad: Data, data: Data) -> bool:
    """Whether claim, hypotheses and displayed term agree, and no equation is new."""
    try:
        new, old = _spelled(bad), _spelled(data)
    except (TypeError, ValueError, LookupError):  # accepted, and not even a certificate
        return False
    stated = all(new[key] == old[key] for key in ("claim", "displayed"))
    stated = stated and _set(new["hypotheses"]) == _set(old["hypotheses"])  # one said twice is one
    equations = [tuple(step[1:3]) for step in old["steps"]]
    return stated and all(tuple(step[1:3]) in equations for step in new["steps"])
