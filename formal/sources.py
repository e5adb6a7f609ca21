"""Where the statements of this catalogue come from; keys are those of `docs/references.bib`.

A place is named only where it was read. Of Yang (2024) the abstract was, not the formulas: what
carries its key restates the notions that the abstract names. Standard references carry no place.
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
HINTON = Source("hinton2015")
SZEGEDY = Source("szegedy2016")
LIN = Source("lin2017")
CHOWDHERY = Source("chowdhery2022")
OORD = Source("oord2018")
RAFAILOV = Source("rafailov2023")
BRADLEY_TERRY = Source("bradley1952")
WILLIAMS = Source("williams1992")
HAARNOJA = Source("haarnoja2017")
VASWANI = Source("vaswani2017")
RAMSAUER = Source("ramsauer2021")
DAO = Source("dao2022")
CHAN = Source("chan1983")
