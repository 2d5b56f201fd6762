"""`tf.initializers`: what makes the initial value of a variable."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.variables.initializers":
        "Initializer zeros=Zeros ones=Ones constant=Constant random_uniform=RandomUniform "
        "random_normal=RandomNormal truncated_normal=TruncatedNormal "
        "uniform_unit_scaling=UniformUnitScaling variance_scaling=VarianceScaling "
        "orthogonal=Orthogonal identity=Identity glorot_uniform=GlorotUniform "
        "glorot_normal=GlorotNormal lecun_normal lecun_uniform he_normal he_uniform",
    "graphmode.variables.collections":
        "global_variables=global_variables_initializer local_variables=local_variables_initializer "
        "variables=variables_initializer tables_initializer",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
