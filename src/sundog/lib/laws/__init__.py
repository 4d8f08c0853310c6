"""Laws that fields are drawn from: each turns one random word into one value."""
