"""Restricted Boltzmann machines: energies, chains, partition functions, estimators."""
