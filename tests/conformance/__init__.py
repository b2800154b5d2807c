"""What the OpenID Foundation's conformance suite plays against an authorization server, played against VAD."""
