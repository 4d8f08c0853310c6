"""Where shards are made: local processes, or Ray."""
