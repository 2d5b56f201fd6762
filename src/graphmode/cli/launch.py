"""`graphmode launch -n N PROGRAM`: one program by several processes."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from graphmode.cli.mesh_option import checked_mesh
from graphmode.cli.run import MAIN_FILES, Options, run_target
from graphmode.launch import ranks
from graphmode.launch.rank_process import Place
from graphmode.launch.supervisor import USAGE_ERROR, Job, LaunchError, supervise


def launch(
    target: Annotated[str, typer.Argument(help="A script, or a folder with main.py or train.py.")],
    args: Annotated[
        list[str] | None, typer.Argument(help="What the program gets in sys.argv, as it is.")
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(
            "-n",
            "--ranks",
            min=1,
            help="How many processes. MPI, SLURM and Kubernetes say it themselves.",
        ),
    ] = None,
    module: Annotated[
        bool, typer.Option("--module", "-m", help="TARGET is the name of a module.")
    ] = False,
    hosts: Annotated[
        str | None,
        typer.Option(help="Other machines and how many ranks each has: a:2,b:2; reached by ssh."),
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Of rank 0's machine, where all meet.")
    ] = None,
    restarts: Annotated[
        int, typer.Option(min=0, help="How often all are started again when a rank fails.")
    ] = 0,
    restart_with: Annotated[
        int | None, typer.Option(min=1, help="With how many ranks; as many by default.")
    ] = None,
    heartbeat: Annotated[
        float, typer.Option(min=1, help="Seconds without a sign after which a rank counts as dead.")
    ] = 10.0,
    progress: Annotated[
        float | None,
        typer.Option(min=1, help="Seconds without an exchange after which it does, too."),
    ] = None,
    logs: Annotated[
        Path | None, typer.Option(file_okay=False, help="Keep here what each rank says.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(file_okay=False, exists=True, help="Where data sets lie.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**32 - 1, help="Of graphs, NumPy and random.")
    ] = None,
    mode: Annotated[
        Literal["auto", "interpreted", "compiled"] | None, typer.Option(help="How sessions run.")
    ] = None,
    mesh: Annotated[
        str | None,
        typer.Option(
            help="Sessions use the devices of all ranks: all, or data=4,model=2.",
            callback=checked_mesh,
        ),
    ] = None,
    feeds: Annotated[
        Literal["whole", "part"] | None,
        typer.Option(help="With a mesh: whether each rank feeds the whole batch or its part."),
    ] = None,
    shell: Annotated[str, typer.Option(help="What runs a command on another machine.")] = " ".join(
        Place().shell
    ),
) -> None:
    """Run TARGET by N processes, which find each other, with `tensorflow` and `horovod`.

    Each line that a rank says has its number before it. When one fails, all end.
    """
    if size is None and hosts is not None:
        size = sum(n for _, n in _hosts(hosts))
    if size is None:
        if ranks.invitation() is None:
            _refuse("how many processes? No MPI, SLURM or Kubernetes says it: launch -n 4 TARGET")
        options = Options(
            module=module, data=_text(data), seed=seed, mode=mode, mesh=mesh, distributed=True
        )
        raise typer.Exit(run_target(target, args or [], options))
    if feeds is not None and mesh is None:
        _refuse("--feeds says how a mesh over all ranks is fed: it needs --mesh")
    _require_program(target, module)
    command = [sys.executable, "-m", "graphmode", "run"]
    command += ["--data", str(data.resolve())] if data is not None else []
    command += ["--seed", str(seed)] if seed is not None else []
    command += ["--mode", mode] if mode is not None else []
    command += ["--mesh", mesh] if mesh is not None else []
    command += ["--module"] if module else []
    command += [target, *(args or [])]
    job = Job(
        command,
        size,
        _hosts(hosts) if hosts is not None else (),
        port,
        restarts,
        restart_with,
        heartbeat,
        progress,
        logs,
        tuple(shell.split()),
        {} if feeds is None else {"GRAPHMODE_FEEDS": feeds},
    )
    try:
        raise typer.Exit(supervise(job))
    except LaunchError as error:
        _refuse(str(error))


def _hosts(text: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for part in text.split(","):
        host, _, n = part.partition(":")
        if not host or not (n or "1").isdecimal() or int(n or 1) < 1:
            _refuse(f"--hosts takes machines and numbers of ranks, a:2,b:2; got {part!r}")
        found.append((host, int(n or 1)))
    return found


def _require_program(target: str, module: bool) -> None:
    path = Path(target)
    if module:
        return
    if target == "-":
        _refuse("the program must be a file, which every rank reads")
    if not path.exists():
        _refuse(f"there is no file {target}")
    if path.is_dir() and not any((path / name).is_file() for name in MAIN_FILES):
        _refuse(f"the folder {target} has no {' or '.join(MAIN_FILES[:2])}")
    if path.suffix == ".ipynb":
        _refuse("launch is for scripts and modules, not for notebooks")


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _refuse(message: str) -> None:
    sys.stderr.write(f"graphmode launch: {message}\n")
    raise typer.Exit(USAGE_ERROR)
