"""Plain text inside LaTeX: the letters that TeX takes for commands, written so that they print."""

SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{letter: f"\\{letter}" for letter in "#$%&_"},
    "|": r"\textbar{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


def escaped(text: str) -> str:
    """Text with the letters that LaTeX takes for commands written so that they print."""
    return "".join(SPECIAL.get(letter, letter) for letter in text)
