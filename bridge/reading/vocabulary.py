"""What control sequences of mathematics stand for."""

from __future__ import annotations

GREEK = frozenset(
    """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi
    pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta
    Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell hbar imath jmath""".split()
)
SYMBOLS = frozenset(
    "partial nabla infty dots ldots cdots emptyset varnothing top intercal dagger star ast".split()
)
ALPHABETS = ("mathcal", "mathbb", "mathfrak", "mathscr", "mathbf", "boldsymbol", "bm", "mathsf")
ACCENTS = ("hat", "widehat", "bar", "overline", "tilde", "widetilde", "vec", "dot", "check")
ROMAN = ("mathrm", "operatorname", "rm", "textrm", "textsc", "mathit", "mathtt")
TEXT = ("text", "mbox", "textnormal", "textbf", "textit", "hbox", "intertext")
FUNCTIONS = frozenset(
    """ln log exp lg sin cos tan arcsin arccos arctan sinh cosh tanh coth sgn""".split()
)
BIG = {
    "sum": "sum", "prod": "prod", "int": "int", "max": "max", "min": "min", "argmax": "argmax",
    "argmin": "argmin", "sup": "sup", "inf": "inf", "lim": "lim", "iint": "iint", "oint": "oint",
    "bigcup": "bigcup", "arg": "arg", "liminf": "lim", "limsup": "lim",
}  # fmt: skip
RELATIONS = {
    "=": "=", "<": "<", ">": ">", "\\le": "<=", "\\leq": "<=", "\\leqslant": "<=", "\\lt": "<",
    "\\ge": ">=", "\\geq": ">=", "\\geqslant": ">=", "\\gt": ">", "\\equiv": ":=",
    "\\coloneqq": ":=", "\\triangleq": ":=", "\\doteq": ":=", "\\stackrel{def}{=}": ":=",
    "\\propto": "propto", "\\approx": "approx", "\\simeq": "approx", "\\cong": "approx",
    "\\sim": "sim", "\\to": "to", "\\rightarrow": "to", "\\longrightarrow": "to",
    "\\leftarrow": "to", "\\gets": "to",
    "\\mapsto": "to", "\\ll": "much less", "\\gg": "much greater", "\\ne": "!=", "\\neq": "!=",
    "\\in": "in", "\\notin": "not in", "\\subset": "subset", "\\subseteq": "subset",
    "\\succ": "succ", "\\prec": "prec", "\\succeq": "succ", "\\preceq": "prec",
    "\\Rightarrow": "implies", "\\implies": "implies", "\\iff": "iff",
    "\\lesssim": "approx",
    "\\Leftrightarrow": "iff", "\\Longrightarrow": "implies", "\\perp": "perp",
    "\\asymp": "approx",
}  # fmt: skip
MARKS = {
    "\\cdot": "*", "\\times": "*", "*": "*", "/": "/", "!": "!", "\\circ": "o", "\\cup": "cup",
    "\\odot": "odot", "\\otimes": "otimes", "\\setminus": "setminus",
}  # fmt: skip
SIGNS = {"+": "+", "-": "-", "\\pm": "+-", "\\mp": "-+"}
OPENERS = {
    "(": "(", "[": "[", "\\{": "\\{", "\\langle": "<", "\\lvert": "|", "\\lVert": "||",
    "\\lbrace": "\\{", "\\lbrack": "[", "\\lfloor": "floor", "\\lceil": "ceil",
}  # fmt: skip
CLOSERS = {
    ")": ")", "]": "]", "\\}": "\\}", "\\rangle": ">", "\\rvert": "|", "\\rVert": "||",
    "\\rbrace": "\\}", "\\rbrack": "]", "\\rfloor": "floor", "\\rceil": "ceil",
}  # fmt: skip
BARS = {"|": "|", "\\vert": "|", "\\|": "||", "\\Vert": "||", "\\mid": "|", "\\parallel": "||"}
SEPARATORS = {",": ",", ";": ";", ":": ":", "\\colon": ":"}
SIZES = frozenset(
    "\\" + size + side for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")
)
SPACES = frozenset(
    ["\\,", "\\;", "\\:", "\\!", "\\>", "\\ ", "~", " ", "par", "\\\n"]
    + ["\\" + name for name in ("thinspace", "displaystyle", "textstyle", "scriptstyle",
       "limits", "nolimits", "quad", "qquad", "allowbreak", "nonumber", "middle", "hfill",
       "medspace", "thickspace", "negthinspace", "mathstrut", "strut", "mathopen", "mathclose",
       "mathbin", "mathord", "mathrel", "noindent", "hspace", "smallskip", "bigskip", "relax")]
)  # fmt: skip
