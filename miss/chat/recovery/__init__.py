"""The recovery key: a device that exists on paper, wrapped by what its owner keeps, and the way back in with it."""
