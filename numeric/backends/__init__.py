"""Fast evaluations of the thermodynamic state; `numeric.ensemble` in torch is the reference."""
