"""All mutants of a run: drawn, judged by the short ring, and the survivors by the long one."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue

from tools.proof import trees
from tools.proof.journal import Done, Journal
from tools.proof.mutation import builds
from tools.proof.mutation.builds import Build
from tools.proof.mutation.judging import EQUIVALENT, EXCLUDED, SURVIVED, Judge, Verdict
from tools.proof.mutation.mutants import Mutant, draw, equivalents
from tools.proof.mutation.native_mutants import native_files, native_mutants
from tools.proof.mutation.python_mutants import python_files, python_mutants
from tools.proof.mutation.recording import Record, Recorder, Records, counting
from tools.proof.rings import Ring, ring
from tools.proof.running import environment_of, is_over

EQUIVALENTS = Path(__file__).parents[1] / "equivalent.txt"
LANGUAGES = ("python", "native")
# Rooms of Python that have no room of C++ and are matched against all the same.
WITHOUT_NATIVE = ("exchange",)


def part_of(language: str, which: str) -> str:
    return f"mutation, {language}, {which}"


@dataclass
class Campaign:
    """What is wanted, where, and until when."""

    root: Path
    work: Path
    journal: Journal
    jobs: int
    wanted: dict[str, int]
    # None: all.
    rooms: Sequence[str] | None = None
    tests: Sequence[str] = ("tests",)
    quick: bool = False
    until: float = float("inf")
    say: Callable[[str], None] = print
    _kept: dict[str, Records] = field(default_factory=dict)

    def run(self) -> bool:
        """Judge what is not judged yet; return whether all is done."""
        wanted = [language for language in LANGUAGES if self.wanted[language]]
        for language in wanted:
            self.journal.plan(part_of(language, "short"), self.wanted[language])
        short = self._records(self.short, ())
        if short is None:
            return False
        for language in wanted:
            if not self._short(language, short):
                return False
        survivors = [m for language in wanted for m in self._survivors(language)]
        for language in wanted:
            left = len(self._survivors(language))
            self.journal.plan(part_of(language, "long"), left)
        if not survivors:
            return True
        long = self._records(self.long, [*short.seconds])
        if long is None:
            return False
        both = Records([*short.records, *long.records])
        both.unreliable |= short.unreliable
        judged = all(self._judge(lang, "long", self._survivors(lang), both) for lang in wanted)
        return judged

    # Which tests

    @cached_property
    def short(self) -> Ring:
        found = ring(self.root, "test") or Ring("test")
        if self.tests != ("tests",) or found.options:
            return replace(found, options=_without_paths(found.options))
        return replace(found, options=("-m", "not slow"))

    @cached_property
    def long(self) -> Ring:
        found = ring(self.root, "test-all")
        if found is None:
            return replace(self.short, name="test-all", options=(), environment={})
        return replace(found, options=_without_paths(found.options))

    def _environment(self, which: Ring) -> dict[str, str]:
        shared = environment_of(self.root).get("PRUM_SHARED", str(self.root.parent / "shared"))
        out = {"PRUM_SHARED": shared, "PRUM_MATCH_ISA": self.tier, **which.environment}
        # What tests draw by it has to be there again, by its name, when a mutant is judged.
        out.setdefault("PRUM_SEED", str(self.journal.identity.seed))
        if which.name == "test":
            # One kit, as make test draws it, and the same one for all of this run.
            out.setdefault("PRUM_KIT", self._kit)
        if self.quick:
            out |= counting(self._plain[0].tree, self.work / "discarded")
        return out

    @cached_property
    def _kit(self) -> str:
        asked = (
            "from support.galleries.kits import KITS; print(*(kit.name for kit in KITS), sep='\\n')"
        )
        names = self._python("-c", asked, folder="tests").splitlines()
        return random.Random(f"{self.journal.identity.seed} kit").choice(sorted(names))

    @cached_property
    def tier(self) -> str:
        """The instruction set that the machine uses by itself: the others run in few tests."""
        return self._python("-c", "import prum_match; print(prum_match.active_tier())").strip()

    def _python(self, *arguments: str, folder: str = ".") -> str:
        tree = self._plain[0].tree
        told = subprocess.run(
            [sys.executable, *arguments],
            cwd=tree / folder,
            env=environment_of(tree),
            capture_output=True,
            text=True,
            check=True,
        )
        return told.stdout

    # Trees

    def plain_tree(self) -> Path:
        """Return a tree as setup.py builds it, without a mutant."""
        return self._plain[0].tree

    @cached_property
    def _plain(self) -> list[Build]:
        return self._trees("plain", builds.COUNTED_QUICKLY if self.quick else builds.PLAIN)

    @cached_property
    def _counted(self) -> list[Build]:
        if self.quick:
            return self._plain
        return self._trees("counted", builds.COUNTED)

    def _trees(self, name: str, flags: tuple[str, ...]) -> list[Build]:
        out: list[Build] = []
        for number in range(self.jobs):
            tree = self.work / "trees" / f"{name}-{number}"
            self.say(f"making {tree.relative_to(self.work)}")
            trees.copy(self.root, tree)
            build = Build(tree, flags)
            build.make(self.jobs, out[0] if out else None)
            out.append(build)
        return out

    def _records(self, which: Ring, skip: Sequence[str]) -> Records | None:
        """Return what the tests of a ring reach, or None where the time was over."""
        files = trees.files_of_tests(self._counted[0].tree, self.tests)
        identity = self.journal.identity
        folder = self.work / "records" / f"{identity.code}-{identity.seed}" / which.name
        recorder = Recorder(
            trees=[build.tree for build in self._counted],
            folder=folder,
            ring=which,
            environment=self._environment(which),
            seed=identity.seed,
            skip=skip,
            until=self.until,
        )
        records: list[Record] = []
        for record in recorder.run(files):
            records.append(record)
            self.say(f"recorded {record.file}: {len(record.tests)} tests")
            for name in record.failed:
                self.say(f"fails without a mutant, and judges none: {name}")
        return Records(records) if len(records) == len(files) else None

    # Mutants

    def _drawn(self, language: str) -> Iterator[Mutant]:
        files, mutants = {
            "python": (python_files, python_mutants),
            "native": (native_files, native_mutants),
        }[language]
        found = {
            room: [
                mutant
                for name in files(self.root, room)
                if language == "python" or self.dependents.get(name)
                for mutant in mutants((self.root / name).read_bytes(), name)
            ]
            for room in rooms(self.root, language)
            if self.rooms is None or room in self.rooms
        }
        return draw(found, self.journal.identity.seed)

    @cached_property
    def dependents(self) -> dict[str, list[str]]:
        """By file of C++, what is compiled anew; files of which too much depends have nothing."""
        build = self._plain[0]
        others = build.tier_sources(self.tier)
        out = {}
        for name, sources in build.dependents().items():
            inside = [source for source in sources if source not in others]
            out[name] = inside if len(inside) <= builds.MOST_DEPENDENTS else []
        return out

    def _short(self, language: str, records: Records) -> bool:
        """Judge drawn mutants until enough of them are mutants indeed."""
        part, wanted = part_of(language, "short"), self.wanted[language]
        known = equivalents(EQUIVALENTS)
        drawn = self._drawn(language)
        asked: list[Mutant] = []
        while True:
            judged = [self.journal.done.get((part, mutant.id)) for mutant in asked]
            good = sum(done is not None and done.result not in EXCLUDED for done in judged)
            more = [mutant for _, mutant in zip(range(wanted - good), drawn, strict=False)]
            if not more:
                return True
            asked += more
            for mutant in more:
                if mutant.id in known and not self.journal.has(part, mutant.id):
                    detail = known[mutant.id]
                    self.journal.finish(Done(part, mutant.id, EQUIVALENT, 0.0, detail=detail))
            if not self._judge(language, "short", more, records):
                return False

    def _survivors(self, language: str) -> list[Mutant]:
        part = part_of(language, "short")
        names = {done.unit for done in self.journal.of(part) if done.result == SURVIVED}
        left, out = set(names), []
        for mutant in self._drawn(language):
            if not left:
                break
            if mutant.id in left:
                left.remove(mutant.id)
                out.append(mutant)
        return out

    def _judge(
        self, language: str, which: str, mutants: Sequence[Mutant], records: Records
    ) -> bool:
        part = part_of(language, which)
        ring_of = self.short if which == "short" else self.long
        free: SimpleQueue[Judge] = SimpleQueue()
        for build in self._plain:
            free.put(
                Judge(
                    build,
                    ring_of,
                    self._environment(ring_of),
                    self.journal.identity.seed,
                    records.seconds,
                    records.unreliable,
                    self.dependents if language == "native" else {},
                    self.until,
                )
            )

        def one(mutant: Mutant) -> bool:
            if is_over(self.until):
                return False
            covering = records.of_python if language == "python" else records.of_native
            tests = covering(mutant.path, [(mutant.first, mutant.last), mutant.statement])
            judge = free.get()
            try:
                verdict = judge.judge(mutant, tests)
            finally:
                free.put(judge)
            if verdict is None:
                return False
            self._note(part, mutant, verdict)
            return True

        todo = [mutant for mutant in mutants if not self.journal.has(part, mutant.id)]
        with ThreadPoolExecutor(len(self._plain)) as pool:
            return all([*pool.map(one, todo)])

    def _note(self, part: str, mutant: Mutant, verdict: Verdict) -> None:
        self.say(f"{part}: {mutant.id}: {verdict.result} {verdict.detail}")
        seconds = round(verdict.seconds, 1)
        self.journal.finish(
            Done(part, mutant.id, verdict.result, seconds, verdict.tests, 0, verdict.detail)
        )


def rooms(root: Path, language: str) -> list[str]:
    """Return the rooms that mutants are drawn from: what matches, and the exchange."""
    native = {path.name for path in (root / "csrc").iterdir() if path.is_dir()}
    if language == "native":
        return sorted(native)
    package = root / "src" / "prum_match"
    return sorted(r for r in native | {*WITHOUT_NATIVE} if (package / r / "__init__.py").exists())


def _without_paths(options: Sequence[str]) -> tuple[str, ...]:
    """Leave paths out: which files are run is asked for file by file."""
    return tuple(word for word in options if word.split("/")[0] != "tests")
