"""The installation of the scenario tests, for the few tests here that start processes."""

from tests.scenarios import conftest as processes

vedette, served, until, secret = processes.vedette, processes.served, processes.until, processes.secret
