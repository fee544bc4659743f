"""The native parts of a copy of the tree, built file by file with the commands of setup.py."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.proof.mutation import record_compiler

PLAIN: tuple[str, ...] = ()
"""As setup.py builds."""
COUNTED = ("-O1", "--coverage")
"""Every line counts how often it ran."""
COUNTED_QUICKLY = ("-O0", "--coverage")
"""The same, built in less time than it takes to run."""
# A header of more files than these is not mutated: it would be a build of everything.
MOST_DEPENDENTS = 20
TRIALS = 3


class DoesNotCompile(Exception):
    """The compiler refuses what was written."""


@dataclass(frozen=True)
class Commands:
    """What a build asks the compiler for."""

    # Object by the source that it is made of.
    compiled: dict[str, list[str]]
    # In order: archives, then shared objects.
    linked: list[list[str]]

    def object_of(self, source: str) -> str:
        return _output(self.compiled[source])


def _output(command: list[str]) -> str:
    return command[command.index("-o") + 1] if "-o" in command else command[2]


def _source(command: list[str]) -> str:
    return command[command.index("-c") + 1]


class Build:
    """The build of one tree, and of one file in it again."""

    def __init__(self, tree: Path, flags: tuple[str, ...] = PLAIN) -> None:
        self.tree = tree
        self.flags = flags
        self.folder = tree / "build" / "native"
        self.commands = Commands({}, [])

    def key(self) -> str:
        """Return what the build depends on, as a number."""
        sources = [*(self.tree / "csrc").rglob("*"), *(self.tree / "src").rglob("*.px?")]
        of = hashlib.sha256(json.dumps(self.flags).encode())
        for file in sorted(f for f in [*sources, self.tree / "setup.py"] if f.is_file()):
            of.update(str(file.relative_to(self.tree)).encode() + b"\0" + file.read_bytes())
        return of.hexdigest()

    def make(self, jobs: int, like: Build | None = None) -> None:
        """Build everything, or copy it from a tree of the same sources; nothing if it is there."""
        done, key = self.folder / "key", self.key()
        if not (done.exists() and done.read_text() == key):
            shutil.rmtree(self.folder, ignore_errors=True)
            if like is not None and like.key() == key:
                shutil.copytree(like.folder, self.folder, ignore=shutil.ignore_patterns("key"))
            else:
                self._record()
                self._compile_all(jobs)
        self._load()
        for command in self.commands.linked:
            if "-o" in command:
                self._install(_output(command))
        done.write_text(key)

    def _record(self) -> None:
        log = self.folder / "commands.jsonl"
        self.folder.mkdir(parents=True)
        shim = f"{sys.executable} {Path(record_compiler.__file__).resolve()} {log}"
        wrapped = {
            name: f"{shim} {sysconfig.get_config_var(name)}"
            for name in ("CC", "CXX", "LDSHARED", "LDCXXSHARED", "AR")
            if sysconfig.get_config_var(name)
        }
        environment = {k: v for k, v in os.environ.items() if k != "PRUM_SANITIZE"}
        done = subprocess.run(
            [sys.executable, "setup.py", "-q", "build", "--build-base", "build/native/out"],
            cwd=self.tree,
            env=environment | wrapped,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"setup.py could not be recorded:\n{done.stdout}{done.stderr}")

    def _load(self) -> None:
        compiled, linked = {}, []
        for line in (self.folder / "commands.jsonl").read_text("utf-8").splitlines():
            command = json.loads(line)
            if "-c" in command:
                compiled[_source(command)] = self._flagged(command)
            else:
                counts = "--coverage" in self.flags and "-o" in command
                linked.append([*command, "--coverage"] if counts else command)
        linked.sort(key=lambda command: "-o" in command)
        self.commands = Commands(compiled, linked)

    def _flagged(self, command: list[str]) -> list[str]:
        """Have the flags of this build take the place of how much is optimised."""
        if not self.flags:
            return command
        return [word for word in command if not word.startswith("-O")] + [*self.flags]

    def _run(self, command: list[str]) -> None:
        # A signal is no word of the compiler's on what it read: it starts in a session of its own,
        # which signals of the terminal do not reach, and again where one ended it.
        for _ in range(TRIALS):
            done = subprocess.run(
                command,
                cwd=self.tree,
                capture_output=True,
                text=True,
                check=False,
                start_new_session=True,
            )
            if done.returncode >= 0:
                break
        else:
            raise RuntimeError(f"signal {-done.returncode} ended {' '.join(command)}")
        if done.returncode:
            raise DoesNotCompile(f"{' '.join(command)}\n{done.stderr[-4000:]}")

    def _compile_all(self, jobs: int) -> None:
        self._load()
        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(self._run, self.commands.compiled.values()))
        for command in self.commands.linked:
            self._archive_or_link(command)

    def _archive_or_link(self, command: list[str]) -> None:
        # An archive keeps what it holds already.
        (self.tree / _output(command)).unlink(missing_ok=True)
        self._run(command)

    def _install(self, output: str) -> None:
        """Put a shared object where the tree imports it, at once."""
        inner = Path(*Path(output).parts[Path(output).parts.index("out") + 2 :])
        place = self.tree / "src" / inner
        fresh = place.with_name(place.name + ".new")
        shutil.copy2(self.tree / output, fresh)
        fresh.replace(place)

    def dependents(self) -> dict[str, list[str]]:
        """Return which sources are compiled anew when a file changes."""
        cache = self.folder / "dependents.json"
        if cache.exists():
            found: dict[str, list[str]] = json.loads(cache.read_text("utf-8"))
            return found
        out: dict[str, list[str]] = {}
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for source, files in pool.map(self._includes, sorted(self.commands.compiled)):
                for file in files:
                    out.setdefault(file, []).append(source)
        cache.write_text(json.dumps(out))
        return out

    def _includes(self, source: str) -> tuple[str, list[str]]:
        command = self.commands.compiled[source]
        at = command.index("-o")
        asked = [w for w in [*command[:at], *command[at + 2 :]] if w not in ("-c", "--coverage")]
        told = subprocess.run(
            [*asked, "-MM"],
            cwd=self.tree,
            capture_output=True,
            text=True,
            check=True,
            start_new_session=True,
        )
        names = told.stdout.replace("\\\n", " ").partition(":")[2].split()
        inside = (os.path.normpath(name) for name in names)
        return source, sorted({name for name in inside if name.startswith("csrc")})

    def tier_sources(self, tier: str) -> set[str]:
        """Return the sources of the other instruction sets, which a search here never runs."""
        isas = {s for s in self.commands.compiled if Path(s).stem.startswith("isa_")}
        return {s for s in isas if Path(s).stem != f"isa_{tier}"}

    @contextmanager
    def rebuilt(self, sources: Iterable[str]) -> Iterator[bool]:
        """Compile the named sources again and link; yield whether any object became another.

        Afterwards the tree holds what it held before.
        """
        outputs = [_output(command) for command in self.commands.linked]
        objects = {source: self.commands.object_of(source) for source in sources}
        kept = {name: self.tree / (name + ".kept") for name in [*objects.values(), *outputs]}
        for name, copy in kept.items():
            shutil.copy2(self.tree / name, copy)
        try:
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(self._run, [self.commands.compiled[s] for s in objects]))
            changed = {
                name
                for name in objects.values()
                if (self.tree / name).read_bytes() != kept[name].read_bytes()
            }
            if changed:
                self._relink(changed)
            yield bool(changed)
        finally:
            for name, copy in kept.items():
                copy.replace(self.tree / name)
            for name in outputs:
                if "/out/lib" in f"/{name}":
                    self._install(name)

    def _relink(self, changed: set[str]) -> None:
        for command in self.commands.linked:
            output = _output(command)
            libraries = {f"-l{Path(name).stem.removeprefix('lib')}" for name in changed}
            if changed & {*command} or libraries & {*command}:
                self._archive_or_link(command)
                changed = changed | {output}
                if "-o" in command:
                    self._install(output)
