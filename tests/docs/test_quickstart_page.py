"""The page with oidc-client-ts and its server do what their quick start says, in a real browser."""

import pytest
from playwright.sync_api import Playwright

from tests.docs.client_programs import ServePage
from tests.docs.page_journey import of_the_page
from tests.support.town import Town


@pytest.mark.journey
def test_a_page_logs_in_without_holding_a_token(
    playwright: Playwright, chromium: str, serve_page: ServePage, the_town: Town
) -> None:
    """Somebody logs in, is greeted, sees data by refresh and by exchange, and logs out."""
    of_the_page(playwright, chromium, the_town, serve_page())
