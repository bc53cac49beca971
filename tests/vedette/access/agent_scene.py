"""Agents of a scene: their settings, tokens and gates."""

from dataclasses import dataclass
from typing import Any

from tests.vedette.access.conftest import Scene
from vedette.access.agent_directory import Agent, AgentDirectory
from vedette.access.agent_gates import AgentGate, AgentGateFactory
from vedette.settings.agents import AgentSettings
from vedette.store.agents.tokens import AgentTokens


@dataclass
class AgentScene:
    """A scene with one agent, `helper`."""

    scene: Scene
    directory: AgentDirectory
    factory: AgentGateFactory
    agent: Agent
    token: str

    def gate(self) -> AgentGate:
        """A gate for one request."""
        return self.factory.gate(self.agent, "rest", "curl/8")


async def agent_scene(scene: Scene, settings: dict[str, Any], name: str = "helper") -> AgentScene:
    """Make an agent with a token.

    Args:
        scene: The simulated Sentry and the gate's services.
        settings: The table `[agents.NAME]`.
        name: The agent's name.
    """
    directory = AgentDirectory(scene.client, {name: AgentSettings.model_validate(settings)})
    token, _ = await AgentTokens(scene.client).create(name, by="ann")
    factory = AgentGateFactory(scene.services, directory, {"default": scene.connection})
    return AgentScene(scene, directory, factory, await directory.authenticate(token), token)
