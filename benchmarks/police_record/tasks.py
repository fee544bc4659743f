"""All tasks on persons and who takes part in each; those on one register follow another."""

from __future__ import annotations

from benchmarks.police_record.dice import BulkDice, anonlink_popcount, numpy_popcount
from benchmarks.police_record.dice import prum_match as ours_at_dice
from benchmarks.police_record.encoding import Encoding, clkhash_clk
from benchmarks.police_record.encoding import prum_match as ours_at_encoding
from benchmarks.police_record.linkage import Febrl1, Febrl2, Febrl4, recordlinkage_ecm
from benchmarks.police_record.linkage import prum_match as ours_at_linkage
from benchmarks.police_record.linkage.splink_duckdb import APART, JOINT
from benchmarks.police_record.probe import Exhaustive, Tokens
from benchmarks.police_record.probe import prum_match as ours_at_probes
from benchmarks.police_record.pseudonyms import Legal, National
from benchmarks.police_record.pseudonyms.clk import WITH_SALT, WITHOUT_SALT
from benchmarks.police_record.pseudonyms.prum_match import Names, Records
from benchmarks.task import Task

_LINKAGE = (ours_at_linkage, APART, JOINT, recordlinkage_ecm)

POLICE_TASKS: tuple[Task, ...] = (
    BulkDice(ours_at_dice, anonlink_popcount, numpy_popcount),
    Exhaustive(ours_at_probes),
    Tokens(ours_at_probes),
    Encoding(ours_at_encoding, clkhash_clk),
    Febrl1(*_LINKAGE),
    Febrl2(*_LINKAGE),
    Febrl4(*_LINKAGE),
    National(Names(), Records()),
    Legal(Names(), Records(), WITHOUT_SALT, WITH_SALT),
)
