"""Contains the bundled handlers, which import only the public names of `vedette`, like any plugin."""
