"""Which statements of the catalogue are about which kind of symmetry of a network."""

_GAINS = ("reads_of_scaled_gains_eq_reads",)
_SHIFTS = ("reads_of_shifted_norm_sub_bias_eq_reads",)
_CENTERS = ("reads_along_inverse_gains_eq_reads",)
_MEANS = ("layer_norm_add_const_eq_layer_norm",)
_ROWS = ("probability_of_shifted_rows_eq_probability",)
_ORDER = ("reads_of_reordered_stream_eq_reads", "reads_of_signed_stream_eq_reads")
_ROTATIONS = ("reads_of_rotated_stream_eq_reads",)

STATEMENTS: dict[str, tuple[str, ...]] = {
    "gains before attention": _GAINS,
    "gains before units": _GAINS,
    "gains before the head": _GAINS,
    "shifts before attention": _SHIFTS,
    "shifts before units": _SHIFTS,
    "shift before the head": ("reads_along_inverse_gains_of_moved_shift_eq_reads",),
    "values and outputs": ("output_of_turned_attention_eq_output_of_attention",),
    "queries and keys": ("scores_of_turned_queries_and_keys_eq_scores",),
    "queries and keys under rotary positions": (
        "rotary_scores_of_turned_planes_eq_rotary_scores",
    ),
    "biases of keys": ("probability_of_shifted_keys_eq_probability",),
    "biases of values": ("attention_of_shifted_values_eq_attention_add_shift",),
    "scales of gated units": ("gated_units_of_scaled_factors_eq_gated_units",),
    "centers of what attention reads": _CENTERS,
    "centers of what units read": _CENTERS,
    "means of what is written": _MEANS,
    "means of positions": _MEANS,
    "means of embeddings": _MEANS,
    "vector from positions to tokens": _ROWS,
    "shift of all rows of the head": _ROWS,
    "order of units": ("units_in_other_places_eq_units",),
    "order of heads": ("heads_in_other_places_eq_heads",),
    "order of coordinates": _ORDER,
    "signed order of coordinates": _ORDER,
    "rotations of coordinates": _ROTATIONS,
    "rotations among equal final gains": _ROTATIONS,
    "scale of the residual stream, with epsilon": ("norm_of_scaled_stream_eq_norm",),
}
"""The statements of the catalogue about each kind of symmetry, by its name."""
