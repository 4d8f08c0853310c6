"""The words of Sundog: recipe, plan, keys, tables, protocols, notes, findings, bundle, extension, errors."""
