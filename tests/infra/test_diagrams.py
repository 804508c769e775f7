"""The drawings that are committed are those of the definitions."""

from infra import diagrams


def test_every_page_fits_its_definition():
    for file, text in diagrams.pages().items():
        assert file.read_text(encoding="utf-8") == text, "run: make diagrams"


def test_no_page_is_left_of_a_workflow_that_is_gone():
    assert set(diagrams.PAGES.glob("*.md")) == set(diagrams.pages())
