"""Dead addresses: what courses and tutorials download, answered from the data sets at hand.

`table` says which address is which file, `making` makes those that are put together from others
(archives, pictures, modules), `answers` finds the file of an address, `hooks` answers Python's
ways of downloading and `shell` the lines of a notebook that begin with ``!``.
"""
