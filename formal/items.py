"""What the catalogue sets out to cover: the items of its plan, by number and short title.

Part 1 holds language models, their thermodynamics, information geometry, bundles and matching;
part 2 quantum mechanics by networks, symmetries of networks, neural polytopes; part 3 what people
who work with language models write down every day. A statement names the items it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from formal.statement import Statement

_TITLES = """
1:D1.1 words, strings, the empty string
1:D1.2 distributions over all strings
1:D1.3 causal language models: what follows a prompt
1:D1.4 next-word models with a stop
1:D1.5 prefix probability
1:D1.6 the moduli space of a model's distributions
1:D1.7 distributional hypothesis as a topology
1:D1.8 entropy function
1:D1.9 zero points of the entropy
1:D1.10 energies and Boltzmann probabilities
1:D1.11 partition function, internal and free energy
1:D1.12 Massieu potential and heat capacity
1:D1.13 Boltzmann manifold
1:D1.14 geometrization of a model
1:D1.15 approximate geometrization
1:T1.1 from string distributions to next-word models
1:T1.2 from next-word models to strings; tightness
1:T1.3 prompts are consistent with their continuations
1:T1.4 entropy of strings from the entropy function
1:T1.5 chain rule, entropy rate, perplexity
1:T1.6 conditioning lowers entropy on average
1:T1.7 one topology for the usual distances
1:T1.8 lower bounds on divergence
1:T1.9 compactness, and convergence of masses
1:T1.10 Fisher volume and diameter of the simplex
1:T1.11 entropy between zero and ln V
1:T1.12 sharp continuity of entropy
1:T1.13 zero points are out of reach for finite energies
1:T1.14 energy gap that certainty needs
1:T1.15 gradients vanish at zero points
1:T1.16 entropy bound for normalized hidden states
1:T1.17 which tokens a linear head can be sure of
1:T1.18 third law
1:T1.19 first laws: F, U, S, C and their derivatives
1:T1.20 the energy gauge
1:T1.21 losses are free energies
1:T1.22 temperature moves along a geodesic
1:T1.23 Renyi entropy as a quotient of free energies
1:T1.24 monotonicity in temperature
1:T1.25 heat capacity as a Fisher norm of the hidden state
1:T1.26 pulled-back metric of a Boltzmann map
1:T1.27 the trivial geometrization
1:T1.28 a language model's head is a Boltzmann map
1:T1.29 rank of the matrix of log-probabilities
1:T1.30 toric equations of the head's image
1:T1.31 moment map onto the token polytope
1:T1.32 curvature of the head's image
1:C1 conjecture: what is certain for people is certain for a good model
1:C2 conjecture: a good model's entropy is calibrated
1:C3 conjecture: few dimensions suffice
1:M8 conjecture: near predictions have near meanings
1:G1 Fisher metric on the simplex
1:G2 equivalent forms of the metric
1:G3 simplex as part of a sphere
1:G4 Fisher-Rao distance and geodesics
1:G5 constant curvature, triangle areas
1:G6 monotonicity under stochastic maps
1:G7 alpha-connections and the cubic tensor
1:G8 exponential and mixture geodesics
1:G9 Legendre duality of the two coordinates
1:G10 canonical divergence, three-point identity
1:G11 Pythagorean theorem of divergence
1:G12 Gibbs distributions maximize entropy
1:G13 alpha-divergences
1:G14 exponential families
1:G15 Cramer-Rao bound
1:G16 natural gradient flows
1:G17 cost of truncation
1:G18 geodesic ensembles
1:G19 distance of Gaussians
1:G20 behavior at the boundary
1:D2.1 space of network configurations
1:D2.2 network as a conditional model
1:D2.3 Fisher metric on configurations
1:D2.4 complexity of a configuration
1:D2.5 action of a path
1:D2.6 capacity, robustness, efficiency
1:D2.7 geometry of configurations
1:T2.1 four forms of the Fisher matrix
1:T2.2 rank of the Fisher matrix
1:T2.3 gauge directions are null
1:T2.4 invariance under reparametrization
1:T2.5 Fisher-Rao norm of a homogeneous network
1:T2.6 least action
1:T2.7 length and action through the layers
1:T2.8 dissipation and length
1:T2.9 robustness from the input metric
1:T2.10 stochastic complexity
1:T2.11 disentanglement as block structure
1:T2.12 right-invariant complexity of unitaries
1:B1 bundle of amplitudes over density matrices
1:B2 horizontal and vertical directions
1:B3 parallel transport
1:B4 finite parallelism
1:B5 Bures metric
1:B6 explicit Bures metrics of small matrices
1:B7 Bures distance and fidelity
1:B8 Bures geodesics
1:B9 classical limit
1:B10 qubit as a hemisphere
1:B11 curvature of base and total space
1:B12 Uhlmann connection
1:B13 its curvature
1:B14 the connection of a qubit
1:B15 Uhlmann phase
1:B16 phase of a great circle
1:B17 phase of a latitude
1:B18 holonomy of polygons
1:B19 gauge invariance of holonomy
1:B20 thermal paths at fixed Hamiltonian
1:R1 qubit states as boosts
1:R2 fidelity from gamma factors
1:R3 relative amplitude as a Wigner rotation
1:R4 Uhlmann and Thomas forms
1:R5 Bures angle from rapidity
1:R6 the two triangle inequalities
1:R7 twins: two lifts with common ends
1:D3.1 disentanglement as reduction of a connection
1:D3.2 impossibility without a connection
1:D3.3 commutator test of two edits
1:Q1 quantum Gibbs states
1:Q2 metrics of thermal families
1:Q3 inequalities for traces of exponentials
1:T4.1 Euler-Poincare equation of diffeomorphisms
1:T4.2 landmark dynamics
1:T4.3 peakons
1:T4.4 breaking and vanishing distance
1:T4.5 geodesics on Lie groups
1:T4.6 residual networks as Euler steps
1:T4.7 invertible layers
1:T4.8 conserved pairing through layers
1:T4.9 conserved Hamiltonian of regularized depth
1:T4.10 inexact matching of a landmark
1:T4.11 length, energy and reparametrization
1:T4.12 relabelling symmetry
1:T4.13 sub-Riemannian matching
1:7.1 Massieu potential with forces
1:7.2 cumulants
1:7.3 fluctuation and dissipation
1:7.4 heat capacity and its integral
1:7.5 high temperature
1:7.6 low temperature
1:7.7 negative temperature
1:7.8 variational principles
1:7.9 nonequilibrium free energy
1:7.10 Bogoliubov bounds
1:7.11 free energy perturbation
1:7.12 Jarzynski equality
1:7.13 Crooks relation
1:7.14 second law for stochastic maps
1:7.15 thermodynamic length
1:7.16 Ruppeiner and Weinhold metrics
1:7.17 Legendre chain
1:7.18 additivity
1:7.19 sequences
1:7.20 chain rules of sequences
1:7.21 cross-entropy, perplexity, bits
1:7.22 equipartition and varentropy
1:7.23 escorts, Renyi, Tsallis
1:7.24 tilting to a given mean
1:7.25 large deviations
1:7.26 signs of phase transitions
1:7.27 softmax calculus
1:7.28 gauge group of the readout
1:7.29 detailed balance, erasure
1:7.30 uncertainty of inverse temperature
2:Q1 change of variables from weights to paths
2:Q2 free particle
2:Q3 harmonic oscillator on a lattice
2:Q4 oscillator propagator
2:Q5 anharmonic oscillator
2:Q6 perturbation series
2:Q7 cosine networks
2:Q8 kernels of wide networks
2:Q9 corrections at finite width
2:Q10 step networks
2:Q11 reflection positivity
2:Q12 uncertainty as roughness
2:N1 finite gauge law of neural differential equations
2:N2 its infinitesimal form
2:N3 algebra of the transformations
2:N4 ineffective generators
2:N5 linear case: a gauge field in one dimension
2:N6 discretization breaks the symmetry
2:N7 rescaling of feedforward layers
2:N8 attention as a differential equation
2:N9 regularization fixes the gauge
2:G1 gains of normalization
2:G2 values and outputs of attention
2:G3 queries and keys under rotary positions
2:G4 scales of gated units
2:G5 permutation of units
2:G6 permutation of heads
2:G7 signed permutation of the residual stream
2:G8 scale of the residual stream
2:G9 rotations among equal gains
2:W1 Ward identities
2:W2 Hessian identities
2:W3 Noether charges
2:W4 balanced gauge
2:W5 gauge-invariant observables
2:P1 one-layer networks as support functions
2:P2 facets and cells of arrangements
2:P3 degenerate arrangements
2:P4 Euler's relation
2:P5 duality
2:P6 volumes
2:P7 population loss in closed form
2:P8 losses of regular polytopes
2:P9 parity obstruction
2:P10 the largest logit as a support function
3:P1 varentropy is heat capacity
3:P2 universal bound on heat capacity
3:P3 one state below a degenerate bulk
3:P4 scale and melting temperature
3:P5 turning points
3:P6 temperature applied token by token
3:P7 averages of raw logits depend on the gauge
3:L1 derivative of the loss in temperature
3:L2 z-loss
3:L3 label smoothing
3:L4 distillation
3:L5 focal loss and entropy bonus
3:L6 scores have mean zero
3:L7 gradients of energy-based models
3:L8 contrastive bound on information
3:L9 perplexity and bits per byte
3:R1' regularized reward
3:R2' reward from a policy
3:R3' soft value and policy
3:R4' best of n
3:S1' sampling by Gumbel noise
3:S2' truncation is conditioning
3:S3' truncation by level sets
3:S4' typical sampling
3:S5' speculative decoding
3:S6' contrastive decoding and guidance
3:S7' mixtures
3:S8' temperature twice, and with truncation
3:A1' attention as an expectation
3:A2' Hopfield energy
3:A3' scale of attention scores
"""

ITEMS: dict[str, str] = dict(
    line.split(" ", 1)
    for line in _TITLES.strip().splitlines()  # type: ignore[misc]
)

_OPEN = """
1:T1.2 that a leaking product telescopes: no proof found, it needs induction over the length
1:T1.4 the sum over all strings itself: of sums with logarithms none is known to converge
1:T1.5 entropy of n steps at once: no proof found, it needs induction over the length
1:T1.7 total variation under the angle and over its square: no proof found, signs differ by token
1:T1.8 Pinsker's inequality: no proof found, it needs the calculus of one variable
1:T1.9 a limit of a sequence of distributions: the kernel has no limits
1:T1.10 volume, and distances themselves: the kernel has no arccosine and no Gamma function
1:T1.12 the bound by total variation: no proof found, it needs an optimal coupling
1:T1.13 that two levels have the least entropy: no proof found, it needs the vertices of a polytope
1:T1.16 the certificate over all tokens at once: it takes a minimum of what is no entry
1:T1.18 the limit itself: the kernel has no limits
1:T1.29 the rank itself, and that it suffices: the kernel has no ranks
1:T1.31 that the map takes every value inside the polytope: a claim that something exists
1:T1.32 curvature from third derivatives of ln Z: the formula is too long to print; code has it
1:G5 curvature and areas: the kernel has no arccosine
1:G6 that no other metric is monotone: a claim about all metrics
1:G13 that an alpha-divergence is nonnegative: no proof found, its factor may have either sign
1:G15 the bound with a variance about the mean: no proof found, it needs two squares at once
1:G19 distributions with a density: sums only
1:G20 what happens in the limit of a vanishing probability: the kernel has no limits
2:N1 that the flow from start to end stays: the kernel has no flows of fields
2:N5 that nothing but the holonomy is left, and for flows: the kernel has no ordered exponentials
2:N6 changes of coordinates beyond quadratic ones: the kernel has no limits
2:W4 twice the nuclear norm as the least sum of squares: the kernel has no singular values
3:P2 that no spectrum holds more than two levels do: no proof found, it is a maximum over spectra
1:B3 the generator as an integral over all times: the kernel has no improper integrals
1:B7 that two states reach the bound over their fibres: the kernel has no singular values
1:B8 the angle of two states itself, and the shortest of all paths: the kernel has no arccosine
1:B13 Bianchi's identity of matrices of every size: it is stated of qubits
1:B15 the phase as a number: the kernel has no arccosine
1:B16 that the overlap changes its sign where it is zero: the kernel has no signs of cosines
1:B17 Berry's phase as a limit of mixed states: the kernel has no limits
1:B18 polygons of four states and more: triangles of qubits only
1:B19 that small loops turn by their area, at every size: no limits; triangles of qubits do
1:R5 the angle as a function of rapidity: the kernel has no arcsine
1:R6 lengths of curves: paths have pieces, as many as one likes; the kernel has no limits
1:Q2 Kubo's metric of states of every size: a quotient of differences that may vanish
1:Q3 Golden-Thompson: no proof found, it needs the calculus of one variable; qubits only
"""

OPEN: dict[str, str] = dict(
    line.split(" ", 1)
    for line in _OPEN.strip().splitlines()  # type: ignore[misc]
)
"""What of an item no statement says, and why, where that is known."""


def coverage(statements: Mapping[str, Statement]) -> dict[str, list[str]]:
    """For each item the names of the statements about it, in the order of the plan."""
    found: dict[str, list[str]] = {item: [] for item in ITEMS}
    for name, statement in statements.items():
        for item in statement.item:
            if item in found:
                found[item].append(name)
    return found


def unknown_items(statements: Iterable[Statement]) -> list[str]:
    """Items that statements name and the plan does not hold."""
    return sorted({item for one in statements for item in one.item} - ITEMS.keys())
