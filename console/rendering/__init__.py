"""Tables, colours and live output for people."""
