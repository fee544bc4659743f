"""A PostgreSQL server for tests, in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_USERS = ("postgres", "nobody")


def programs() -> tuple[str, str]:
    """Return the paths of `initdb` and `postgres`, or skip the test."""
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, reversed(newest))])
    found = shutil.which("initdb", path=path), shutil.which("postgres", path=path)
    if found[0] is None or found[1] is None:
        pytest.skip("no PostgreSQL: initdb and postgres are neither on PATH nor installed")
    return found[0], found[1]


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Give a folder to a user that the server accepts, and return how to become that user."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = next((known[name] for name in _USERS if name in known), None)
    if user is None:
        pytest.skip("PostgreSQL does not run as root, and there is no other user")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def server() -> Iterator[str]:
    """Run a server that listens on a socket in its own folder, and return its address."""
    initdb, postgres = programs()
    # A socket's path is short, and the folders of pytest are closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="prum-", dir="/tmp"))
    try:
        options = {"cwd": folder, **_unprivileged(folder)}
        data = folder / "data"
        subprocess.run(
            [initdb, "-D", data, "-U", "prum", "-A", "trust", "-N", "--no-locale", "-E", "UTF8"],
            check=True,
            capture_output=True,
            timeout=120,
            **options,
        )
        log = (folder / "log").open("wb")
        running = subprocess.Popen(
            [postgres, "-D", data, "-k", folder, "-c", "listen_addresses=", "-F"],
            stdout=log,
            stderr=log,
            **options,
        )
        try:
            yield _when_ready(f"postgresql:///postgres?host={folder}&user=prum", running)
        finally:
            # Unlike SIGTERM, it does not wait for connections to end.
            running.send_signal(signal.SIGINT)
            running.wait(60)
            log.close()
    finally:
        shutil.rmtree(folder)


def _when_ready(uri: str, running: subprocess.Popen[bytes]) -> str:
    postgresql = pytest.importorskip("adbc_driver_postgresql.dbapi")
    for _ in range(600):
        assert running.poll() is None, "the server has ended"
        try:
            postgresql.connect(uri).close()
        except postgresql.Error:
            time.sleep(0.1)
        else:
            return uri
    raise AssertionError("the server does not answer")
