"""HTTP in, HTTP out. `routes` is the site map; the use cases live in `vad.services`, the rules in `vad.domain`."""
