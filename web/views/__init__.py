"""One file for each page. Imported by `web.app` alone."""
