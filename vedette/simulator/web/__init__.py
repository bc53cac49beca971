"""The simulated Web API: authentication, rate limits, paging, endpoints."""
