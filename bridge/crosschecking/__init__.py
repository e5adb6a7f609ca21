"""Anyone's token-probability code, held against the theory."""
