"""The grant types of the token endpoint, one file each. They translate; what a grant may give is in `vad.services`."""
