"""Ways to sign in to the console, and the pages for them."""
