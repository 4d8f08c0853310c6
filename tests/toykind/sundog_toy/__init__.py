"""A small kind of data for the tests of the road: several tables, rejects, duplicates, chains, and faults on demand."""
