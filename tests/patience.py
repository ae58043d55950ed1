"""What the servers of the tests wait for, longer than those of a site."""


def be_patient():
    """Call it when the apps are loaded."""
    from wagtail_live.delivery import hub

    hub.FIRST_LOOK_TIMEOUT = 20.0  # a busy machine may take longer than readers wait
