"""Why a run failed: one small rule a cause, from the ledger to a cause with evidence and a remedy.

The judge finds the hop; rules only name the cause. What no rule explains is blamed on its hop, cause "unexplained".
To add one: a module here, or in an installed package, with `RULE`, a `Rule` with a `Head` (see rule.py).
"""

from __future__ import annotations

from harness.diagnosis.engine import diagnose, rules, verdict_of
from harness.diagnosis.rule import Head, Pattern, Rule

__all__ = ["Head", "Pattern", "Rule", "diagnose", "rules", "verdict_of"]
