"""The mock DigiD: an OpenID provider with test persons. It knows its relying party only by its configuration.

`app` is the program, `pages` what people see, `token_endpoint` what the relying party's server talks to; the other
modules are their parts. The test persons themselves are read in `vad.sandbox.persons`.
"""
