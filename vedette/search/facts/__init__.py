"""The values of an event or issue that search terms are compared with."""
