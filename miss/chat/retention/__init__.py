"""What has outlived its conversation's policy is deleted: envelopes, blobs, and the secrets that only they needed.
protocol §5
"""
