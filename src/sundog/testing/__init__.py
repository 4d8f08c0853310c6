"""The conformance suite that our own and other people's extensions run, and what its tests are made of."""

from sundog.testing.conformance import Example, NamedCheck, check_extension, list_checks, parametrize_with_extensions

__all__ = ["Example", "NamedCheck", "check_extension", "list_checks", "parametrize_with_extensions"]
