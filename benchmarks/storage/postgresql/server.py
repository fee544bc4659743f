"""A PostgreSQL server of its own, started for a task and stopped after it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

USER = "postgres"
DEBIAN = Path("/usr/lib/postgresql")


def missing() -> str | None:
    """Say why no server can be started here; None: one can."""
    if _programs() is None:
        return "PostgreSQL is not installed"
    try:
        _account()
    except KeyError:
        return f"the user {USER}, as whom root has to start it, is not installed"
    return None


class Server:
    """A server with an empty database, reached by a socket in its folder alone."""

    def __init__(self, folder: Path) -> None:
        self._programs = _programs() or Path()
        self._folder = folder
        folder.mkdir()
        account = _account()
        if account:
            # It does not run as root, and has to get to its folder.
            folder.parent.chmod(0o711)
            shutil.chown(folder, account["user"], account["group"])
        self._as = account
        self._run("initdb", "-D", "data", "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories='{folder}' -c fsync=off"
        self._run("pg_ctl", "start", "-w", "-D", "data", "-l", "log", "-o", options)

    @property
    def address(self) -> str:
        """What a client connects to."""
        return f"postgresql:///postgres?host={quote(str(self._folder), safe='')}&user={USER}"

    def close(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-D", "data", "-m", "immediate")

    def _run(self, program: str, *arguments: str) -> None:
        # The server would keep a pipe open.
        subprocess.run(
            [self._programs / program, *arguments],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            **self._as,
        )


def _account() -> dict[str, Any]:
    """Return as whom to run programs; nothing: as who runs this."""
    if os.geteuid() != 0:
        return {}
    group = pwd.getpwnam(USER).pw_gid
    return {"user": USER, "group": group, "extra_groups": []}


def _programs() -> Path | None:
    """Return the folder of the server's programs; Debian keeps them off the path."""
    folders = [os.environ.get("PATH", ""), *map(str, sorted(DEBIAN.glob("*/bin"), reverse=True))]
    found = shutil.which("initdb", path=os.pathsep.join(folders))
    return Path(found).resolve().parent if found else None
