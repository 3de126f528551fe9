"""Two machines in one process: the one that a test suite shares, and one that a test starts beside it."""

from __future__ import annotations

from harness.launch.resources import Resources


def test_a_second_machine_starts_beside_the_first_and_leaves_it_running(harness_resources: Resources) -> None:
    page = harness_resources.browser.new_page()
    with Resources() as second:
        other = second.browser.new_page()
        assert other.evaluate("1 + 1") == 2
    assert page.evaluate("1 + 1") == 2
    page.close()
