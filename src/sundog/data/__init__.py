"""The census sample that ships with Sundog: Adult, UCI Machine Learning Repository, CC BY 4.0 (see NOTICE)."""
