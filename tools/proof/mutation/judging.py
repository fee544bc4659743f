"""One mutant in one tree: put in, judged by the tests that reach it, and taken out again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.proof import trees
from tools.proof.mutation.builds import Build, DoesNotCompile
from tools.proof.mutation.mutants import Mutant
from tools.proof.rings import Ring
from tools.proof.running import Ran, run_tests

KILLED = "killed"
SURVIVED = "survived"
# These are no mutants: the next one that is drawn takes their place.
INVALID = "does not compile"
SAME = "same code"
EQUIVALENT = "equivalent"
EXCLUDED = (INVALID, SAME, EQUIVALENT)
# A hang is a test that takes this many times what it took without the mutant, and this long.
SLOWER = 8
PATIENCE = 60.0
# Pytest's codes for a run without a failure: all passed, nothing was there to run.
PASSED = (0, 5)


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant, and which test told."""

    result: str
    seconds: float
    tests: int
    detail: str = ""


@dataclass
class Judge:
    """A tree of its own and what its tests are run with."""

    build: Build
    ring: Ring
    environment: Mapping[str, str]
    seed: int
    seconds: Mapping[str, float]
    # Tests that failed without a mutant where they passed before; shared by all judges.
    unreliable: set[str]
    dependents: Mapping[str, Sequence[str]]
    until: float = float("inf")

    @property
    def tree(self) -> Path:
        return self.build.tree

    def judge(self, mutant: Mutant, tests: Sequence[str]) -> Verdict | None:
        """Run the tests on the mutant until one fails; None where the time is over before."""
        while True:
            tests = [name for name in tests if name not in self.unreliable]
            try:
                with self._put(mutant) as changed:
                    if not changed:
                        return Verdict(SAME, 0.0, 0)
                    ran = self._run(tests)
            except (DoesNotCompile, SyntaxError) as error:
                return Verdict(INVALID, 0.0, 0, str(error).strip().splitlines()[-1][:200])
            if ran is None or ran.code in PASSED:
                seconds = ran.seconds if ran else 0.0
                return Verdict(SURVIVED, seconds, len(tests), "" if tests else "no test reaches it")
            if ran.stopped:
                return None
            killer = _killer(ran)
            if killer is None or killer not in tests:
                # The tests could not even be imported, or pytest itself broke.
                if self._clean(tests[:1]):
                    return Verdict(KILLED, ran.seconds, len(tests), "at import")
                raise RuntimeError(f"tests fail without a mutant:\n{ran.output[-4000:]}")
            if self._clean(tests[: tests.index(killer) + 1]):
                how = " (hung)" if ran.silent else " (crashed)" if ran.open_test else ""
                return Verdict(KILLED, ran.seconds, len(tests), killer + how)
            self.unreliable.add(killer)

    @contextmanager
    def _put(self, mutant: Mutant) -> Iterator[bool]:
        """Put a mutant in; yield whether the code is another."""
        before = (self.tree / mutant.path).read_bytes()
        after = mutant.applied(before)
        native = mutant.path in self.dependents
        if not native:
            compile(after, mutant.path, "exec")
        trees.put(self.tree, mutant.path, after)
        try:
            if native:
                with self.build.rebuilt(self.dependents[mutant.path]) as changed:
                    yield changed
            else:
                yield True
        finally:
            trees.put(self.tree, mutant.path, before)

    def _run(self, tests: Sequence[str]) -> Ran | None:
        if not tests:
            return None
        # Examples that another mutant left would be tried first.
        shutil.rmtree(self.tree / ".hypothesis", ignore_errors=True)
        return run_tests(
            self.tree,
            list(dict.fromkeys(name.partition("::")[0] for name in tests)),
            options=[*self.ring.options, "-x", "--timeout=0", f"--hypothesis-seed={self.seed}"],
            environment=self.environment,
            select=tests,
            silence=max(PATIENCE, SLOWER * max(self.seconds[name] for name in tests)),
            until=self.until,
        )

    def _clean(self, tests: Sequence[str]) -> bool:
        """Whether the same tests, in the same order, pass without the mutant."""
        ran = self._run(tests)
        return ran is None or ran.stopped or ran.code in PASSED


def _killer(ran: Ran) -> str | None:
    return ran.open_test or (ran.failed[0] if ran.failed else None)
