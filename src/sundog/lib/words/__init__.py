"""Names, places, codes and other strings, made from indices and random words at tens of nanoseconds a value.

Everything is a pure function of its words (``lib/kernels/draws.py``: one uint64 a cell), so that any row can be made alone. Text
appears last: a person or a place is a row of integers, and a column is written when it is wanted. Import the module that holds
what you need; this package itself loads nothing.

| module | what for |
|---|---|
| ``locales`` | ``list_locales``, ``read_locale``, ``note_locale``: the lists of sixteen locales |
| ``people`` | ``gather_people`` -> ``draw_people`` -> ``write_names``, ``write_emails``, ``write_usernames``; ``draw_jobs`` |
| ``places`` | ``gather_places`` -> ``draw_places`` -> ``write_post_codes``, ``write_phones``, ``write_streets``, ``write_addresses``, ``draw_coordinates`` |
| ``companies`` | ``gather_companies``, ``write_companies``; ``draw_products``, ``number_products`` |
| ``codes`` | ``list_forms``, ``count_codes``, ``draw_codes``, ``number_codes``, ``draw_mixed``: IBAN, cards, EAN, VIN, national numbers |
| ``machines`` | ``write_uuids``, ``write_ipv4``, ``write_ipv6``, ``write_macs``, ``write_user_agents`` |
| ``patterns`` | ``compile_mask``, ``compile_regex``, ``draw_pattern``, ``number_pattern``: values of a pattern, counted and equally likely |
| ``texts`` | ``compile_text``: ``Dear {title} {surname}`` |
| ``strings`` | ``Template`` and its parts, ``write_strings``: Arrow strings without Python for each row |
| ``choose`` | ``open_lottery``, ``draw_entries``: lists with weights |
| ``permute`` | ``permute``: different numbers for different rows, without a retry |

From one word several draws are made by ``lib/kernels/mixing.py`` (lanes). The functions here use the lanes 0 to 3 of the words that
they are given; columns that are to be independent get words of their own.

Unique values: ``number_codes(form, permute(key, rows, count_codes(form)))``, and the same with ``number_pattern`` or
``number_products``. An e-mail address is unique when ``numbers`` are.

No value can reach or name a real person, by construction: e-mail at example domains, telephone numbers of reserved or unassigned
ranges (``Locale.phone_rule`` says which), identifiers of test, unassigned or impossible ranges (``Form.why``). A name can be that of
somebody all the same, as any common name is.
"""
