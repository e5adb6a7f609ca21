"""How much `bridge.crosscheck` sees: right code in many styles, faults made of it, a blind suite."""
