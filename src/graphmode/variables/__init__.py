"""Variables: objects, names and scopes, initial values, parts, collections."""

from graphmode._addresses.late import late
from graphmode.variables.variable import kinds

kinds["resource"] = late("graphmode.variables.resource_variable", "ResourceVariable")
