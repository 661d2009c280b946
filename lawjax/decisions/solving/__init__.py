"""Small solvers in JAX that decisions share."""
