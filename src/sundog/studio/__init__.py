"""Web pages on localhost: browse a bundle, read its report."""
