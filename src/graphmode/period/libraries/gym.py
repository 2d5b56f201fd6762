ROWS = []
CHANGES = {}
