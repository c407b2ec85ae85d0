"""Part of tthal; see docs/."""
