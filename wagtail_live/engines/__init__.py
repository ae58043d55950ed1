"""Push engines: servers in front of the site that hold the readers' connections.

The site answers each connection once and sends each update to the engine once. The engine
is never trusted to deliver: each message carries the cursor before it, and a reader who
sees a gap asks the site.
"""
