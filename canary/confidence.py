"""How sure we may be of an error rate: Wilson's score bound, one-sided, at 95 %.

A share observed in few attempts says little: 1 error in 40 is not under 1 %, nor is 0 in 10 proof. So a rate counts as
under its limit only when the upper end of what it may truly be is: the largest rate at which as few errors as were
seen would still come up in one case out of twenty. Worked example, limit 1 %: 0 errors in 267 attempts leave up to
1.003 % possible and prove nothing; 0 in 268 leave 0.9994 % and are proof. With 1 error it takes 446 attempts.

E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927).
"""

from __future__ import annotations

from math import sqrt

# The 95th percentile of the standard normal distribution: only "too high" is of interest, hence one side.
Z = 1.6448536269514722
Z2 = Z * Z
NOTHING_KNOWN = 1.0


def wilson_upper(*, errors: int, attempts: int) -> float:
    """Compute the upper bound of the true rate, 0 to 1; without attempts nothing is known, and it is 1.

    Raises:
        ValueError: when there are more errors than attempts, or fewer than none.
    """
    if not 0 <= errors <= attempts:
        raise ValueError(f"{errors} errors in {attempts} attempts cannot be.")
    if attempts == 0:
        return NOTHING_KNOWN
    rate = errors / attempts
    centre = rate + Z2 / (2 * attempts)
    spread = Z * sqrt(rate * (1 - rate) / attempts + Z2 / (4 * attempts * attempts))
    return min((centre + spread) / (1 + Z2 / attempts), 1.0)


def clean_attempts_needed(*, errors: int, attempts: int, limit: float) -> int:
    """Count the further attempts, all without error, after which the bound would be under `limit` (0 < limit < 1)."""
    low, high = 0, 1
    while wilson_upper(errors=errors, attempts=attempts + high) >= limit:
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        if wilson_upper(errors=errors, attempts=attempts + middle) < limit:
            high = middle
        else:
            low = middle + 1
    return low
