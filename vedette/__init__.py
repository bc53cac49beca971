"""The library that handler authors import; it knows none of the rooms built on it."""
