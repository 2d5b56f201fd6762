"""The value of `--mesh`, as the commands that have it check it."""

import typer

from graphmode.runtime.places.mesh import axes_of


def checked_mesh(mesh: str | None) -> str | None:
    """Refuse what says no mesh.

    Parameters
    ----------
    mesh : str, optional

    Returns
    -------
    str or None
        As it is.

    Raises
    ------
    typer.BadParameter
        If it reads otherwise than 8, data=4,model=2 or all.
    """
    try:
        if mesh is not None:
            axes_of(mesh, "--mesh")
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return mesh
