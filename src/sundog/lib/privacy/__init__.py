"""Differentially private releases through OpenDP, and the ledger that adds them up.

The road of a release: a question is priced without a look at the data (``pricing``), what it costs is refused or written
into the ledger of the source (``ledger_file``), and only then are rows read, counted exactly (``measuring``) and given
noise (``noise``); ``asking`` walks it. Noise and selection come from OpenDP's own secure sampler, never from a key.

Limits. The names and types of the columns are taken as public. The ledger is a file: who deletes it, or changes one byte
of the source, begins anew. How long a release takes may depend on the data.
"""
