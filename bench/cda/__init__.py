"""What MiSS writes as CDA, judged by the national validator that an operator fetched."""
