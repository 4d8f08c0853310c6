"""The families by topic: each makes questions with their chains of steps, and knows nothing of the checker."""
