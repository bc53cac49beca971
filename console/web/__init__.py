"""The web console: pages, live updates and a JSON API for the people who operate Vedette."""
