"""The conformance suite that our own and other people's extensions run."""
