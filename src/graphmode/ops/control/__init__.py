"""Control: branches, loops, lists, order, checks, functions of Python."""
