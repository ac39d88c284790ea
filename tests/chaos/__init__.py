"""Chaos: real processes on real servers, killed at random under load, judged by the phones."""
