"""What a person owns: devices, user keys, the vault, the recovery key."""
