"""Search one gallery with several processes: enrol first, fork then."""

import multiprocessing

from prum_match import dna, samples

file = dna.read_csv(samples.NIST_GENOTYPES)
gallery = dna.Gallery()
gallery.enrol(file.reference_ids, file.profiles)


def count_candidates(number: int) -> int:
    """Search in a child, which sees the gallery as it was when it was forked."""
    return len(gallery.search(file.profiles[number], threads=1))


if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        counts = pool.map(count_candidates, range(20))
    print(f"{len(counts)} searches in two processes: {sum(counts)} candidates")
