"""The admin views of the sources whose messages go to a live page."""
