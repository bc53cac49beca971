"""The simulated Sentry of the access tests, for commands that write to it."""

from tests.vedette.access import conftest as simulated

access_settings, scopes, dropped_fields = simulated.access_settings, simulated.scopes, simulated.dropped_fields
client, make_scene, scene = simulated.client, simulated.make_scene, simulated.scene
