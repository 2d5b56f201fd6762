"""Random numbers: generators, distributions, samplers."""
