"""The stand-ins for the vendor's comparison helpers."""

from __future__ import annotations

import numpy as np
import pytest

from tthal.ttnn.stand_ins import comparisons, conversions

RAMP = np.arange(64, dtype=np.float32)


def test_correlation() -> None:
    assert comparisons.comp_pcc(RAMP, 2 * RAMP + 5)[1] == pytest.approx(1.0)
    assert comparisons.comp_pcc(RAMP, -RAMP)[1] == pytest.approx(-1.0)
    assert comparisons.comp_pcc(np.zeros(8), np.zeros(8)) == (True, 1.0)
    assert not comparisons.comp_pcc(np.zeros(8), np.ones(8))[0]
    assert not comparisons.comp_pcc(RAMP, RAMP[:32])[0]
    broken = RAMP.copy()
    broken[3] = np.nan
    assert not comparisons.comp_pcc(RAMP, broken)[0]
    assert comparisons.comp_pcc(broken, broken)[0]
    with pytest.raises(AssertionError, match=r"at least 0\.9999"):
        comparisons.assert_with_pcc(RAMP, RAMP[::-1])
    with pytest.raises(AssertionError, match="shapes differ"):
        comparisons.assert_with_pcc(RAMP, RAMP.reshape(8, 8))


def test_tolerances() -> None:
    assert comparisons.comp_allclose(RAMP, RAMP + 1e-3, atol=2e-3)[0]
    assert not comparisons.comp_allclose(RAMP, RAMP + 1e-2, atol=2e-3)[0]
    assert comparisons.comp_equal(RAMP, RAMP)[0]
    with pytest.raises(AssertionError, match=r"Max ATOL Delta: 1\.0"):
        comparisons.assert_equal(RAMP, RAMP + 1)
    assert comparisons.assert_relative_frobenius(RAMP, RAMP * 1.001, 0.01)[0]


def test_units_in_the_last_place() -> None:
    one = np.ones(4, np.float32)
    assert comparisons.comp_ulp(one, np.nextafter(one, np.float32(2)), 1)[0]
    assert not comparisons.comp_ulp(one, one + np.float32(2**-20), 1)[0]
    assert comparisons.comp_ulp(np.array([np.inf]), np.array([np.inf]), 1, allow_nonfinite=True)[0]
    assert not comparisons.comp_ulp(np.array([np.inf]), np.array([np.inf]), 1)[0]


def test_sizes() -> None:
    assert (conversions.divup(33, 32), conversions.roundup32(33), conversions.roundup(33, 16)) == (2, 64, 48)
    assert conversions.float_to_bits(1.0) == 0x3F800000
