"""``prum-match search``: candidates as JSON Lines, and a summary of each probe."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from prum_match import dactyloscopy, dna, engine, face, vehicle
from prum_match.cli.galleries import AnyGallery
from prum_match.cli.options import Commands, add_path, add_progress, add_reading, command
from prum_match.cli.output import Progress, emit
from prum_match.cli.reading.batch import Batch
from prum_match.cli.reading.files import batches, report
from prum_match.cli.reading.vehicles import add_query, query_of
from prum_match.engine import Candidate, CandidateList, Policy
from prum_match.errors import InvalidInput, PrumError
from prum_match.police_record.category import PersonCategory
from prum_match.vehicle.registrations.details import record_of

_BATCH = 1000
_POLICIES: Mapping[str, Policy] = {
    "PRUM_2008": dna.PRUM_2008,
    "PRUM_2008_STRICT": dna.PRUM_2008_STRICT,
    "PRUM_2008_LITERAL": dna.PRUM_2008_LITERAL,
    "PRUM_2008_LENIENT": dna.PRUM_2008_LENIENT,
    "RESPONDER_2008": dna.RESPONDER_2008,
    "CODIS_HIGH": dna.CODIS_HIGH,
    "CODIS_MODERATE": dna.CODIS_MODERATE,
    "CODIS_LOW": dna.CODIS_LOW,
    **dactyloscopy.TRANSACTIONS,
    "NATIONAL": vehicle.NATIONAL,
    "PRUM_2024": vehicle.PRUM_2024,
}


def add_to(commands: Commands) -> None:
    """Add the command."""
    about = "search with every probe of a file; candidates and answers as JSON Lines"
    parser = command(commands, "search", about, _run)
    add_path(parser)
    parser.set_defaults(usage_error=parser.error)
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        help="probes, as enrol takes references; vehicle: queries as CSV or JSON Lines",
    )
    rule = parser.add_mutually_exclusive_group()
    rule.add_argument("--policy", choices=_POLICIES, help="the rule; DNA: by default PRUM_2008")
    rule.add_argument(
        "--threshold",
        type=float,
        metavar="X",
        help="face, dactyloscopy, police_record: least score of a candidate",
    )
    parser.add_argument("--limit", type=int, metavar="N", help="longest list of candidates")
    parser.add_argument("--threads", type=int, metavar="N", help="by default the usable cores")
    parser.add_argument("--explain", action="store_true", help="explain each candidate")
    add_query(parser)
    add_reading(parser)
    add_progress(parser)


def _run(options: argparse.Namespace) -> int:
    refused = 0
    query = query_of(options)
    if (query is None) == (options.file is None):
        options.usage_error("give FILE or one query for vehicles")
    with (
        AnyGallery.open(options.path) as gallery,
        Progress(wanted=options.progress) as progress,
    ):
        policy = _policy(options, gallery.category)
        for batch in _probes(gallery.category.name, query, options):
            refused += report(batch.problems)
            for name, answer in zip(
                batch.ids, _answers(gallery, batch, policy, options), strict=True
            ):
                for candidate in answer:
                    emit(**_candidate(name, candidate, explain=options.explain))
                emit(**_answer(gallery.category, name, answer))
            progress.say(f"searched with {batch.first + len(batch.ids)} probes")
    return 1 if refused else 0


def _probes(
    category: str, query: vehicle.Query | None, options: argparse.Namespace
) -> Iterable[Batch]:
    if query is None:
        return batches(category, options, _BATCH, probes=True)
    if category != "vehicle":
        raise InvalidInput(
            f"a query for vehicles does not apply to the category {category}",
            code="bad_option",
            field="query",
        )
    return [Batch(0, ["0"], [query])]


def _policy(options: argparse.Namespace, category: engine.Category[Any, Any]) -> Policy | None:
    if isinstance(category, PersonCategory):
        named: dict[str, Policy] = {
            "NATIONAL": category.matching.default_policy,
            "PRUM_2024": category.required_wire().responder_policy,
        }
        if options.policy in named:
            return named[options.policy]
        if options.threshold is not None:
            national: Policy = category.matching.default_policy
            return replace(national, threshold=options.threshold)  # type: ignore[call-arg]
    if options.policy is not None:
        return _POLICIES[options.policy]
    if options.threshold is None:
        return None
    scored = dactyloscopy.Policy if category.name == "dactyloscopy" else face.Policy
    return scored(threshold=options.threshold)


def _answers(
    gallery: AnyGallery, batch: Batch, policy: Policy | None, options: argparse.Namespace
) -> list[CandidateList[Any]]:
    try:
        return list(
            gallery.search_many(
                batch.items, policy=policy, limit=options.limit, threads=options.threads
            )
        )
    except PrumError as error:
        if error.index is not None:
            error.index += batch.first
        raise


def _candidate(name: str, candidate: Candidate, *, explain: bool) -> dict[str, Any]:
    columns = candidate.columns
    # Their bits mean nothing without the policy.
    columns.pop("readings", None)
    record: dict[str, Any] = {
        "type": "candidate",
        "probe": name,
        "rank": candidate.rank,
        "reference_id": candidate.reference_id,
    }
    record |= {worth: columns.pop(worth) for worth in ("grade", "score") if worth in columns}
    record |= {"readings": sorted(candidate.readings), "columns": columns}
    if explain:
        record["explanation"] = str(candidate.explain()).splitlines()
        if isinstance(candidate, vehicle.Candidate):
            record["registration"] = record_of(candidate.registration)
    return record


def _answer(
    category: engine.Category[Any, Any], name: str, answer: CandidateList[Any]
) -> dict[str, Any]:
    rule: dict[str, Any] = {
        part: getattr(answer.policy, part) for part in ("name", "version", "source")
    }
    if hasattr(answer.policy, "threshold"):
        rule["threshold"] = answer.policy.threshold
    record = {
        "type": "answer",
        "probe": name,
        "examined": answer.examined,
        "n_found": answer.n_found,
        "truncated": answer.truncated,
        "unsuitable": _unsuitable(category, answer),
        "policy": rule,
    }
    return record | ({"status": answer.status} if isinstance(answer, vehicle.CandidateList) else {})


def _unsuitable(category: engine.Category[Any, Any], answer: CandidateList[Any]) -> str | None:
    """Return why the probe cannot have candidates; such an answer is not a no-hit."""
    try:
        category.required_wire().check_suitable(answer.probe, answer.policy)
    except InvalidInput as error:
        return error.code
    return None
