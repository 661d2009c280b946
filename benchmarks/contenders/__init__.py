"""The contenders of the benchmarks, one library a file, all given the same problem."""
