"""Where the statements of this catalogue come from.

Keys are those of `bridge/paper/references.bib`. A place is named only where it was read. Of Yang
(2024) the abstract was, not the formulas: what carries its key restates the notions that the
abstract names. Standard references carry no place. Of papers on losses, alignment and attention
nothing was read: they name a notion, what is stated about it is derived here.
"""

from formal.statement import Source

YANG = Source("yang2024", "abstract", "restated")
YANG_NAMED = Source("yang2024", "abstract", "derived")  # the name is there, the content ours
OURS = Source("porism", "", "derived")
GIBBS = Source("gibbs1902")
CALLEN = Source("callen1985")
COVER_THOMAS = Source("cover2006")
AMARI = Source("amari2016")
RENYI = Source("renyi1961")
DONSKER_VARADHAN = Source("donsker1975")
BOYD_VANDENBERGHE = Source("boyd2004")


def _named(key: str) -> Source:
    """A paper after which a notion is named, and of which nothing was read here: content ours."""
    return Source(key, "", "derived")


HINTON = _named("hinton2015")
SZEGEDY = _named("szegedy2016")
LIN = _named("lin2017")
CHOWDHERY = _named("chowdhery2022")
OORD = _named("oord2018")
RAFAILOV = _named("rafailov2023")
BRADLEY_TERRY = _named("bradley1952")
WILLIAMS = _named("williams1992")
HAARNOJA = _named("haarnoja2017")
VASWANI = _named("vaswani2017")
RAMSAUER = _named("ramsauer2021")
DAO = _named("dao2022")
CHAN = _named("chan1983")
FAN = _named("fan2018")
HOLTZMAN = _named("holtzman2020")
HEWITT = _named("hewitt2022")
MEISTER = _named("meister2023")
NGUYEN = _named("nguyen2024")
