"""Recommenders: ratings, how they are parted and measured, what they are held against."""

from graphmode._addresses import namespace

__getattr__, __dir__ = namespace(__name__)
