"""Personal data: recognised in columns and in free text, and replaced by values that belong to nobody in the source.

| module | what for |
|---|---|
| ``kinds`` | the kinds of identifier, each with its letter of the HIPAA Safe Harbor list |
| ``checksums``, ``national`` | check digits, and national numbers with theirs |
| ``formats`` | what has a format: e-mail, IBAN, cards, addresses of machines, vehicles, devices, telephone numbers |
| ``labelled`` | codes that only the word before them tells: a record number, an account, a licence, a date of birth |
| ``names``, ``places`` | names of persons and postal addresses, from the lists of sixteen locales |
| ``language`` | what a language model adds (spaCy, the extra ``pii``) |
| ``detect`` | all of it over one text |
| ``columns`` | which columns hold identifiers, and which may hold special categories |
| ``pools``, ``telephones``, ``spare_numbers`` | false values, none of which the source has, from ranges that nobody has where there are such |
| ``identities``, ``people`` | the persons of a table, replaced: one false person a row, or a person |
| ``templates`` | sentences that enough persons share, with a place for each identifier |

This package itself loads nothing.
"""
