"""For each cause a run on paper that has it and nothing else."""

from __future__ import annotations

from tests.support import causes_in_clis, causes_in_pages, causes_in_routing, causes_in_servers
from tests.support.causes_in_clis import Causes, gone, told

__all__ = ["CAUSES", "gone", "told"]

CAUSES: Causes = {
    **causes_in_clis.CAUSES,
    **causes_in_routing.CAUSES,
    **causes_in_servers.CAUSES,
    **causes_in_pages.CAUSES,
}
