"""The pages of experts, requesters and coordinators: server-rendered, complete without script (ADR 7)."""
