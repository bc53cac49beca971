import re

import pytest

from vedette.store.deliveries.stored_record import StoredRecord
from vedette.store.server.client import RedisClient
from vedette.store.server.edition import EDITION, OtherEditionError, check_edition, claim_edition
from vedette.store.server.keys import EDITION_KEY
from vedette.store.server.scripts import script


async def test_the_first_process_writes_its_edition(client: RedisClient) -> None:
    await check_edition(client)
    assert await client.get(EDITION_KEY) is None
    await claim_edition(client)
    await claim_edition(client)
    await check_edition(client)
    assert await client.get(EDITION_KEY) == str(EDITION).encode()


async def test_another_edition_is_refused_and_stays(client: RedisClient) -> None:
    await client.set(EDITION_KEY, EDITION + 1)
    for ask in (check_edition, claim_edition):
        with pytest.raises(OtherEditionError, match=f"edition {EDITION + 1}, and this version") as refused:
            await ask(client)
        assert refused.value.exit_code == 2
    assert await client.get(EDITION_KEY) == str(EDITION + 1).encode()


def test_scripts_and_records_have_the_same_edition() -> None:
    assert re.findall(r"local EDITION = '(\d+)'", script("queues/fetch")) == [str(EDITION)]
    assert StoredRecord.__struct_defaults__[-1] == EDITION
