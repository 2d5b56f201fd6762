"""What a program needs, found in its text before it runs.

`sources` reads scripts and notebooks as syntax trees with the lines that they have, `bindings`
finds what the names in them stand for, `symbols`, `arguments` and `period_needs` say what of that
is here, `program` follows the modules beside a program, `findings` puts it together.
"""
