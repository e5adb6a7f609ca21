"""The report: one page, one ledger, equations and figures about every statement and a model."""
