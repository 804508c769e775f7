"""Failing on purpose: a seeded proxy that loses, doubles and delays, and workers that die.

All of it stands between the parts of a local city. Functions know an address and nothing else;
what fails is chosen by the seed, the journey, the place and the attempt, never by the hour.
"""
