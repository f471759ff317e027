"""docs/who-may-what.md says what the policies and the table say."""

import pytest
from django.conf import settings

from tests.matrix.who_may_what import page

pytestmark = pytest.mark.django_db

DOCS = settings.BASE_DIR / "docs" / "who-may-what.md"


def test_the_page_of_the_docs_is_that_of_the_code(ground):
    made = settings.VAR / "who-may-what.md"
    made.write_text(page(ground.world))

    same = DOCS.exists() and DOCS.read_text() == made.read_text()
    assert same, f"cp {made} {DOCS}"
