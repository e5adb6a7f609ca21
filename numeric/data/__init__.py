"""Data written for this project: prompts in triples of one meaning, the same meaning, another."""
