"""Tables of the docs from benchmarks/results, one module a page or part of one."""
