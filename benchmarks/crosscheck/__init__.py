"""How much `bridge.crosscheck` sees: right code, faults made of it, a blind suite."""
