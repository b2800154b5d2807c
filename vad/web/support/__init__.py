"""What every page and endpoint shares: languages, frame, errors, headers, CSRF. It knows no route and no use case."""
