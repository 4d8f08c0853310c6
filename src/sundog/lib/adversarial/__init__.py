"""Attacks on a synthetic table by somebody who holds it and knows something of real people."""
