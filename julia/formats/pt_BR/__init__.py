"""Brazil's, for operators."""
