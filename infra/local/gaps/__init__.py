"""Each module here closes one gap of an upstream package: what it is, and what AWS does instead.

`apply()` of a module may be called more than once. Nothing outside `infra/local` knows of them.
"""
