"""A model's bundle of prompts, for people: what was found, in words and as data."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from numeric.bundle import Examination, Family, Layers, Twins, examine, orbit, twins
from numeric.bundle.examination import Step
from numeric.bundle.loops import Null
from numeric.bundle.prompts import CONTINUATION
from numeric.language_model import LanguageModel

SPEEDS = (0.6, 0.8)

LIMITS = (
    "96 short sentences made by hand and one text after them: a finding is about these",
    "loops and factors are of last hidden states; other layers, texts and models may differ",
    "random loops are no model of meaning: short loops turn less whatever they mean, and the "
    "corners of shrunk ones are no sentences",
    "several p-values are printed, none is corrected for that",
    "a share of mixing or a cosine that chance would give too is no evidence of disentanglement",
)


@dataclass(frozen=True)
class Bundle:
    """What was found on a model, and the twins, who need none."""

    model: str
    found: Examination
    twins: Twins

    @property
    def exit_code(self) -> int:
        """0 all identities hold, 1 one is broken, 3 a control moved nothing visibly."""
        return 1 if self.found.broken else 3 if self.found.unseen else 0


def bundle(
    model: LanguageModel,
    continuation: str = CONTINUATION,
    *,
    positions: int = 16,
    draws: int = 199,
    seed: int = 0,
    step: Step | None = None,
) -> Bundle:
    """Measure loops and factors of prompts on a model, and send two twins around.

    Raises:
        InputError: The continuation has too few tokens for the positions asked for.
    """
    found = examine(
        model, continuation=continuation, positions=positions, draws=draws, seed=seed, step=step
    )
    return Bundle(model.name, found, twins(*(orbit(speed) for speed in SPEEDS)))


def as_json(found: Bundle) -> dict[str, Any]:
    """Plain data: loops with p-values, factors, tokens, identities, twins, and the limits."""
    both = []
    for speed, one in zip(SPEEDS, (found.twins.first, found.twins.second), strict=True):
        angles = {"angle": one.angle, "thomas_angle": one.thomas_angle}
        both.append(
            {"speed": speed, "proper_time": one.proper_time, "length": one.length} | angles
        )
    return {
        "model": found.model,
        "found": asdict(found.found),
        "twins": {"journeys": both, "angle": found.twins.angle},
        "broken": found.found.broken,
        "not_seen": found.found.unseen,
        "limits": list(LIMITS),
        "exit_code": found.exit_code,
    }


def as_text(found: Bundle) -> str:
    """The same as tables for a terminal."""
    seen = found.found
    mixing, blocks, curved, tokens = seen.mixing, seen.blocks, seen.curved, seen.tokens
    lines = [
        f"{found.model}: {seen.prompts} prompts, each an amplitude of {seen.positions} hidden "
        f"states (width {seen.width}) at one text after it",
        "",
        "holonomy of loops in O(n), mean of sqrt(sum of squared angles), in radians:",
        f"  {'':<16}{'loops':>6}{'turn':>9}{'random':>9}{'p':>13}{'as short':>11}{'p':>13}",
        *(_row(family) for family in seen.families),
        "  random: as many corners, any prompts; as short: those, shrunk to the same length;",
        "  p: share of random families that turn no more (less), or no less (more)",
        "",
        "factors of prompts, were they disentangled:",
        f"  a loop in tense would keep number's {mixing.directions} of {mixing.fibre} directions: "
        f"{mixing.share:.3f} of its turn",
        f"    mixes them with the rest, {mixing.expected:.3f} for random directions, "
        f"p = {mixing.p:.3g}",
        f"  edits of tense and number would be orthogonal in the Fisher metric: mean |cos| "
        f"{blocks.across:.3f},",
        f"    {blocks.within:.3f} between edits of tense, p = {blocks.p:.3g} over exchanges of "
        "names",
        f"  small loops in both would turn nothing: curvature {curved.across:.2f} by area, "
        f"{curved.within:.2f} between edits",
        f"    of tense, p = {curved.p:.3g}",
        "",
        f"states of next tokens after {tokens.prompts} prompts:",
        f"  angle by half the distance of Fisher and Rao, at most 1: {tokens.angle:.3f} "
        f"(mean {tokens.mean_angle:.3f})",
        f"  entropy by that of the distribution, at most 1:          {tokens.entropy:.3f} "
        f"(mean {tokens.mean_entropy:.3f})",
        f"  |[rho, sigma]| by |rho| |sigma|, 0 for distributions:    {tokens.commutator:.3f}",
        f"  largest angle of their loop in tense:                    {tokens.loop:.3f}",
        "",
        *_along(seen.layers),
        "gauge: other amplitudes of the same covariances move angles by "
        f"{seen.gauge.invariant:.0e}, amplitudes of others by {seen.gauge.control:.1e}",
        f"sensitivity: least singular value of a step {seen.smallest:.1e} of the largest",
        "",
        "twins, by speed:    clock    length on the ball    Uhlmann's turn    Thomas' turn",
    ]
    for speed, one in zip(SPEEDS, (found.twins.first, found.twins.second), strict=True):
        turn, thomas = math.degrees(one.angle), math.degrees(one.thomas_angle)
        lines.append(
            f"  {speed:<16.1f}{one.proper_time:>7.3f}{one.length:>22.3f}{turn:>17.1f}°"
            f"{thomas:>15.1f}°"
        )
    lines += ["  the faster clock shows less, its path is longer: opposite triangle inequalities"]
    lines += ["", "what this does not show:", *(f"  - {line}" for line in LIMITS)]
    lines += [f"BROKEN: {name}" for name in seen.broken]
    lines += [f"NOT SEEN, too small here: {name}" for name in seen.unseen]
    return "\n".join(lines)


def _along(layers: Layers | None) -> list[str]:
    """The widest step of a layer, and where prompts of a kind lie furthest apart."""
    if layers is None:
        return []
    steps, widest = layers.angles, layers.widest_step
    lines = [
        f"along {len(steps)} layers (the last with the final norm), angles of Bures, mean of "
        f"{layers.prompts} prompts:",
        f"  a layer turns the covariance by {sum(steps) / len(steps):.3f}, layer {widest} most: "
        f"{steps[widest - 1]:.3f}",
    ]
    for kind, angles in layers.spread.items():
        most = max(range(len(angles)), key=lambda layer: angles[layer])
        lines.append(
            f"  two prompts in {kind:<9} are {angles[-1]:.3f} apart at the end, at most "
            f"{angles[most]:.3f}, after layer {most}"
        )
    return [*lines, ""]


def significance(null: Null) -> str:
    """The smaller of the two p-values, with its side."""
    if null.p_at_most <= null.p_at_least:
        return f"{null.p_at_most:.3f} less"
    return f"{null.p_at_least:.3f} more"


def _row(family: Family) -> str:
    wide, short = family.random, family.shrunk
    return (
        f"  {family.name:<16}{family.loops:>6}{family.size:>9.4f}{wide.size:>9.4f}"
        f"{significance(wide):>13}{short.size:>11.4f}{significance(short):>13}"
    )
