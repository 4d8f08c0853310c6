"""Sends the rows of one table when they are due, in the order of a time that they carry, or in the recipe's own."""
