"""What the pages' tests share: how long a page may take on a machine that is busy with other tests."""

from playwright.async_api import expect

from tests.conditions import WAIT_S

expect.set_options(timeout=WAIT_S * 1000)
