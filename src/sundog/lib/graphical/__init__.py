"""Graphical models over columns of codes: a density that is fitted to noisy tables of counts, and drawn from exactly.

``junction`` finds the tree in which the tables hang together, ``beliefs`` passes messages through it, ``fitting`` finds the
model of highest entropy that agrees best with what was measured, ``drawing`` makes rows, also under conditions. Nothing here
knows of privacy: what comes in are measurements with their precision, whatever their noise is.

Sources: Private-PGM, McKenna, Sheldon and Miklau, ICML 2019, arXiv:1901.09136; junction trees, Lauritzen and Spiegelhalter,
J. Royal Statistical Society B 50(2), 1988, doi:10.1111/j.2517-6161.1988.tb01721.x.
"""
