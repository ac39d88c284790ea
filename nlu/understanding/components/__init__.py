"""Rasa graph components. Everything they decide is in the plain modules one level up."""
