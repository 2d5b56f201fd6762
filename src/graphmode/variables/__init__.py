"""Variables: objects, names and scopes, initial values, parts, collections."""
