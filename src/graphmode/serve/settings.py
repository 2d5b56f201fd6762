"""What a server may be told: limits, batches, times."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a server behaves.

    Parameters
    ----------
    max_batch : int
        Rows of several requests that are computed together; 1 keeps requests apart.
    batch_wait : float
        Seconds that a request waits for others to be computed with. With 0 those go together that
        have come while the one before was computed.
    max_queue : int
        Requests that may wait for a model; one more is refused (429).
    max_body : int
        Bytes of a request.
    max_streams : int
        Texts that are generated at the same time.
    timeout : float
        Seconds after which a request is answered that it took too long (504).
    body_seconds, header_seconds : float
        What a client may take to send a body, or the lines before it.
    poll_seconds : float
        How often folders are looked at for versions.
    token : str, optional
        Every request but those for health has to bring it: ``Authorization: Bearer TOKEN``.
    warm_up : bool
        Compute something with each version before it answers.
    threads : int
        Of each model, for requests that are not computed together.

    Raises
    ------
    ValueError
        If the token is empty.
    """

    max_batch: int = 32
    batch_wait: float = 0.0
    max_queue: int = 256
    max_body: int = 64 * 2**20
    max_streams: int = 8
    timeout: float = 30.0
    body_seconds: float = 30.0
    header_seconds: float = 10.0
    poll_seconds: float = 1.0
    token: str | None = None
    warm_up: bool = True
    threads: int = 2

    def __post_init__(self) -> None:
        if self.token is not None and not self.token.strip():
            raise ValueError("the token is empty: it would keep nobody out")
