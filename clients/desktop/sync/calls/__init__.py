"""What a person asks of an open account, one module a subject; called in the core's thread through `Core.ask`."""
