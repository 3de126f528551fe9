"""`harness target check`: one task of a system is recorded and judged, and every line of its target file told what it
found, with the value that would mend it.
"""

from __future__ import annotations

from harness.check.finding import Finding
from harness.check.findings import findings
from harness.check.probe import Probed, probe
from harness.check.vocabulary import Mend

__all__ = ["Finding", "Mend", "Probed", "findings", "probe"]
