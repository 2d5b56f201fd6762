"""docs/period.md is what the tables say."""

from pathlib import Path

from docs.generate import period_page

PAGE = Path(__file__).parents[2] / "docs" / "period.md"


def test_the_page_of_the_period_is_fresh():
    assert PAGE.read_text() == period_page(), "write it again: make docs"
