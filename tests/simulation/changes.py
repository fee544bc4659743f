"""Changes of hosts to their registers, and to sent probes."""

from __future__ import annotations

from prum_match.exchange import WithdrawalReason
from prum_match.exchange.messages import SearchReply
from simulation.registers import CATEGORIES
from simulation.scene import Scene
from simulation.states import Process, State
from support.exchange.toy import Item


class Changes:
    """Enrolments, corrections and erasures.

    Parameters
    ----------
    scene : Scene
        Where they happen.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def during_search(self, state: State, category: str) -> None:
        """Tell the witness of a search, and change the register in the midst of it."""
        self._scene.witness.searched()
        self.meanwhile(state, category)

    def meanwhile(self, state: State, category: str | None = None) -> None:
        """Change a register while the process is at something else."""
        if (
            not self._scene.is_calm
            and self._scene.draw.random() < 0.03
            and state.process is not None
        ):
            self._scene.seen["changed meanwhile"] += 1
            self._change_register(state, category)
            state.do_withdrawals(state.process)

    def change(self, state: State) -> None:
        """Change something, of a register or of the probes that were sent."""
        if self._scene.draw.random() < 0.5:
            self._scene.attempt(state, lambda process: self._withdraw_probe(state, process))
            self._scene.attempt(state, state.do_withdrawals)
        else:
            self._change_now(state)

    def change_named(self, state: State, said: SearchReply) -> None:
        """Change a reference that a reply of this state names."""
        if said.request is not None:
            one = self._scene.draw.choice(said.candidates)
            self._change_now(state, said.request.category, one.reference)

    def _change_now(
        self, state: State, category: str | None = None, reference: str | None = None
    ) -> None:
        self._change_register(state, category, reference)
        # A host whose exchange is down goes on with it when that starts.
        self._scene.attempt(state, state.do_withdrawals)

    def _change_register(
        self, state: State, category: str | None = None, reference: str | None = None
    ) -> None:
        category = category or self._scene.draw.choice((self._scene.category, *CATEGORIES))
        register = state.registers[category]
        what = self._scene.draw.choice(("enrol", "erase", "replace", "erase", "replace"))
        if what == "enrol" or not register.items:
            register.enrol(f"{state.code}-{category}-{len(register.past)}n", self._scene.item())
            return
        if reference is None or reference not in register.items:
            reference = self._scene.draw.choice(sorted(register.items))
        reason = WithdrawalReason.ERASED
        if what == "erase":
            register.erase(reference)
        else:
            reason = WithdrawalReason.CORRECTED
            old = register.items[reference]
            register.replace(reference, Item(old.word + "0", old.type))
        self._scene.seen[reason.value] += 1
        if self._scene.draw.random() < 0.5:
            state.disk.withdrawals.append((category, reference, reason))
        else:  # a host that only keeps its register
            self._scene.seen["left to the library"] += 1

    def _withdraw_probe(self, state: State, process: Process) -> None:
        """Erase a probe that was sent; before all have answered, a host would rather wait."""
        searches = [pending for one in process.conversations.values() for pending in one.searches()]
        done = [pending for pending in searches if not pending.is_open]
        if done:
            pending = self._scene.draw.choice(done)
            state.withdrawn_probes.add((pending.category, pending.probe_id))
            work = (pending.category, pending.probe_id, WithdrawalReason.ERASED)
            state.disk.withdrawals.append(work)
            self._scene.seen["probes withdrawn"] += 1
