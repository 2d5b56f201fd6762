"""docs/ops.md is what the registry says."""

from pathlib import Path

from docs.generate import ops_page

PAGE = Path(__file__).parents[1] / "docs" / "ops.md"


def test_the_page_of_operations_is_fresh():
    assert PAGE.read_text() == ops_page(), "write it again: make docs"
