"""Loaded by every Python process of the offline build: sockets reach this machine and nothing else."""

import ipaddress
import socket

_connect, _connect_ex, _lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo


def _check(address):
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(host, tuple | list):
        host = host[0]
    if not isinstance(address, tuple) or host in (None, "", "localhost"):
        return  # a local socket file, or this machine
    try:
        local = ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        local = False
    if not local:
        raise OSError(101, f"no network in this test: {host}")


def _guard(original):
    def guarded(self, address):
        _check(address)
        return original(self, address)

    return guarded


def _look_up(host, *arguments, **more):
    _check((host.decode() if isinstance(host, bytes) else host, 0))
    return _lookup(host, *arguments, **more)


socket.socket.connect, socket.socket.connect_ex = _guard(_connect), _guard(_connect_ex)
socket.getaddrinfo = _look_up
