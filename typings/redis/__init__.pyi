# The names that Vedette imports from the package itself; its other modules are the library's own.
from redis.client import Redis as Redis
from redis.exceptions import RedisError as RedisError
