"""Makes the addresses of one-time links for the web console."""

from vedette.store.console.account import Account
from vedette.store.console.sign_in_links import SignInLinks
from vedette.store.server.client import RedisClient

LINK_PATH = "/in/"


async def make_link(client: RedisClient, url: str, account: Account) -> str:
    """Make a link that signs an account in once, within ten minutes.

    Args:
        client: Redis.
        url: The address of the console, without a trailing slash.
        account: The account that it signs in.
    """
    return f"{url}{LINK_PATH}{await SignInLinks(client).create(account)}"
