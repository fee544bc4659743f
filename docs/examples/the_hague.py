"""The Hague, 2019: a stain from a knife, eight national databases, one hit in France.

Real genotypes (NIST 1036, public domain) stand for the enrolled people; the states are made up.
A partial, degraded stain of one person whom the French gallery holds goes through the exchange to
seven states. Run it with `make demo`, or `python docs/examples/the_hague.py`.
"""

from __future__ import annotations

from prum_match import dna, exchange, samples

STATES = ("AT", "BE", "DE", "ES", "FR", "LU", "NL", "SI")
SGM_PLUS = dna.KITS["SGM Plus"].loci
# The person behind the stain, enrolled in France.
DONOR = "BC11352"
SEARCHES_A_YEAR = 10_000


def load_people() -> dict[str, dna.Profile]:
    """Return the profiles of the sample by name."""
    file = dna.read_csv(samples.NIST_GENOTYPES)
    return dict(zip(file.reference_ids, file.profiles, strict=True))


def open_galleries(people: dict[str, dna.Profile]) -> dict[str, dna.Gallery]:
    """Split the people among the states; the donor of the stain goes to France."""
    names = sorted(people)
    shares = {state: names[i :: len(STATES)] for i, state in enumerate(STATES)}
    home = next(state for state, share in shares.items() if DONOR in share)
    if home != "FR":
        other = shares["FR"][0]
        shares[home][shares[home].index(DONOR)] = other
        shares["FR"][0] = DONOR
    galleries = {}
    for state, share in shares.items():
        galleries[state] = dna.Gallery()
        ids = [f"{state}-{i:05d}" for i in range(len(share))]
        galleries[state].enrol(ids, [people[name] for name in share], labels="suspect")
    return galleries


def degrade(person: dna.Profile) -> dna.Profile:
    """Make a stain of a person: SGM Plus loci, one locus dropped out, one allele lost."""
    loci = {name: list(person.originals[name]) for name in SGM_PLUS}
    del loci["D2S1338"]
    loci["D18S51"] = [loci["D18S51"][0], "*"]
    return dna.Profile(loci, kind="stain")


def main() -> None:
    """Ask, and print what an investigator and an analyst would want to see."""
    people = load_people()
    galleries = open_galleries(people)
    stain = degrade(people[DONOR])
    sizes = ", ".join(f"{state} {len(gallery)}" for state, gallery in galleries.items())
    print(f"Galleries: {sizes} profiles (NIST 1036)")
    print(f"Stain from the knife: {len(stain.pairs)} loci, reference NL-2019-KNIFE\n")

    asked = [state for state in STATES if state != "NL"]
    responders = {state: exchange.Responder(state, {"dna": galleries[state]}) for state in asked}
    transport = exchange.InProcessTransport(responders, own_party="NL")
    requester = exchange.Requester(transport, "NL", category="dna")
    outcome = requester.search(stain, asked, timeout=30.0, probe_id="NL-2019-KNIFE")

    print("NL asks all states (step one, hit or no-hit):")
    for state in asked:
        answer = outcome[state]
        print(f"  {state}: {answer.outcome.name.lower().replace('_', '-')}")
        for candidate in answer.candidates:
            readings = ", ".join(sorted(candidate.readings))
            print(
                f"      candidate {candidate.rank}: reference {candidate.reference}, "
                f"quality {candidate.quality}, satisfies {readings}"
            )

    state, hit = outcome.hits[0]
    matched = dna.DNA.wire.reference_from_bytes(hit.data)
    print(f"\nWhy {hit.reference} of {state} is a candidate (the matching profile came back):")
    print(dna.compare(stain, matched))

    frequencies = dna.Frequencies.from_csv(samples.NIST_FREQUENCIES, population="Cauc")
    ratio = dna.likelihood_ratio(stain, matched, frequencies, theta=0.01)
    print(
        f"\nLikelihood ratio (same person against two unrelated ones, NRC II 4.10, theta 0.01, "
        f"NIST Caucasian): 10^{ratio.log10:.2f}"
    )

    stains = {dna.statistics.TypedPattern.of(stain): 1}
    total = 0.0
    for state in asked:
        held = galleries[state].typed_patterns()
        total += dna.statistics.expected_adventitious_hits(
            stains, held, frequencies, dna.RESPONDER_2008, theta=0.01
        )
    print(
        f"Expected adventitious hits of this search over {sum(len(galleries[s]) for s in asked)} "
        f"profiles: {total:.1e}; of {SEARCHES_A_YEAR} such searches a year: "
        f"{total * SEARCHES_A_YEAR:.1e}"
    )
    print(
        "\nA candidate is not a match: a human has to confirm it "
        "(Regulation (EU) 2024/982, Article 6)."
    )


if __name__ == "__main__":
    main()
