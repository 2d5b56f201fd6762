"""Connections to tasks, which notice within 13 seconds that one is gone."""

from __future__ import annotations

from graphmode.cluster.wire import grpc

_OPTIONS = [
    ("grpc.keepalive_time_ms", 5_000),
    ("grpc.keepalive_timeout_ms", 8_000),
    ("grpc.http2.ping_timeout_ms", 8_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 10_000),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),
]


def channel_to(address: str) -> grpc.Channel:
    """A connection to who listens at ``host:port``, made when it is first used."""
    return grpc.insecure_channel(address, _OPTIONS)
