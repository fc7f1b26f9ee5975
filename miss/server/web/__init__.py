"""The web shell: layout, assets, language, page sessions, security headers.  Services bring their own pages."""
