"""How a graph runs: sessions, plans, the interpreter and the compiler."""
