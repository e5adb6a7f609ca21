"""The proof kernel, what it trusts, and the prover that finds certificates for it."""
