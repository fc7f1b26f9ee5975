"""The one way in: what a mail or a page brings is read, judged, kept, acknowledged and sent on."""
