"""The modules of the Foundation's certification plans that VAD is to pass, by the names that its suite gives them.

Modules for profiles of one country (`brazil`, `cdr`, `ksa`, `australia-connectid`, and `ensure-registered-redirect-uri`
of FAPI 2.0) and for grant management are left out: the plans run them only for who chooses that variant.
"""

BASIC = (
    "oidcc-server",
    "oidcc-response-type-missing",
    "oidcc-idtoken-signature",
    "oidcc-idtoken-unsigned",
    "oidcc-userinfo-get",
    "oidcc-userinfo-post-header",
    "oidcc-userinfo-post-body",
    "oidcc-ensure-request-without-nonce-succeeds-for-code-flow",
    "oidcc-scope-profile",
    "oidcc-scope-email",
    "oidcc-scope-address",
    "oidcc-scope-phone",
    "oidcc-scope-all",
    "oidcc-alternate-happy-flow",
    "oidcc-ensure-other-scope-order-succeeds",
    "oidcc-display-page",
    "oidcc-display-popup",
    "oidcc-prompt-login",
    "oidcc-prompt-none-not-logged-in",
    "oidcc-prompt-none-logged-in",
    "oidcc-max-age-1",
    "oidcc-max-age-10000",
    "oidcc-ensure-request-with-unknown-parameter-succeeds",
    "oidcc-id-token-hint",
    "oidcc-login-hint",
    "oidcc-ui-locales",
    "oidcc-claims-locales",
    "oidcc-ensure-request-with-acr-values-succeeds",
    "oidcc-codereuse",
    "oidcc-codereuse-30seconds",
    "oidcc-ensure-registered-redirect-uri",
    "oidcc-ensure-post-request-succeeds",
    "oidcc-server-client-secret-post",
    "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported",
    "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported",
    "oidcc-claims-essential",
    "oidcc-ensure-request-object-with-redirect-uri",
    "oidcc-refresh-token",
    "oidcc-ensure-request-with-valid-pkce-succeeds",
)
CONFIG = ("oidcc-discovery-endpoint-verification",)
FORM_POST = BASIC
"""The modules of the basic plan again, with `response_mode=form_post`."""
DYNAMIC = (
    "oidcc-idtoken-rs256",
    "oidcc-idtoken-unsigned",
    "oidcc-userinfo-rs256",
    "oidcc-ensure-redirect-uri-in-authorization-request",
    "oidcc-redirect-uri-query-OK",
    "oidcc-redirect-uri-query-mismatch",
    "oidcc-redirect-uri-query-added",
    "oidcc-redirect-uri-regfrag",
    "oidcc-discovery-endpoint-verification",
    "oidcc-server",
    "oidcc-registration-logo-uri",
    "oidcc-registration-policy-uri",
    "oidcc-registration-tos-uri",
    "oidcc-registration-jwks-uri",
    "oidcc-registration-sector-uri",
    "oidcc-registration-sector-bad",
    "oidcc-server-rotate-keys",
    "oidcc-refresh-token-rp-key-rotation",
    "oidcc-request-uri-unsigned",
    "oidcc-request-uri-signed-rs256",
    "oidcc-ensure-request-object-with-redirect-uri",
    "oidcc-refresh-token",
    "oidcc-ensure-client-assertion-with-iss-aud-succeeds",
)
RP_LOGOUT = (
    "oidcc-rp-initiated-logout-discovery-endpoint-verification",
    "oidcc-rp-initiated-logout",
    "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-modified-id-token-hint",
    "oidcc-rp-initiated-logout-bad-id-token-hint",
    "oidcc-rp-initiated-logout-no-id-token-hint",
    "oidcc-rp-initiated-logout-no-params",
    "oidcc-rp-initiated-logout-no-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-no-state",
    "oidcc-rp-initiated-logout-only-state",
)
BACKCHANNEL_LOGOUT = (
    "oidcc-backchannel-logout-discovery-endpoint-verification",
    "oidcc-backchannel-rp-initiated-logout",
)
_FAPI2 = "fapi2-security-profile-final-"
FAPI2 = tuple(
    _FAPI2 + name
    for name in (
        "discovery-end-point-verification",
        "happy-flow",
        "user-rejects-authentication",
        "ensure-authorization-request-without-state-success",
        "ensure-authorization-request-without-nonce-success",
        "ensure-authorization-request-with-64-char-nonce-success",
        "ensure-other-scope-order-succeeds",
        "test-claims-parameter-identity-claims",
        "access-token-type-header-case-sensitivity",
        "check-dpop-proof-nbf-exp",
        "ensure-dpopproof-with-iat-10seconds-before-succeeds",
        "ensure-dpopproof-with-iat-10seconds-after-succeeds",
        "ensure-mismatched-dpop-jkt-fails",
        "ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt",
        "ensure-token-endpoint-fails-with-mismatched-dpop-jkt",
        "ensure-dpopproof-at-par-endpoint-binding-success",
        "ensure-dpop-auth-code-binding-success",
        "ensure-different-nonce-inside-and-outside-request-object",
        "ensure-different-state-inside-and-outside-request-object",
        "ensure-authorization-request-with-long-nonce",
        "ensure-authorization-request-with-long-state",
        "state-only-outside-request-object-not-used",
        "ensure-request-object-without-redirect-uri-fails",
        "plain-fapi-tolerate-unregistered-redirect-uri",
        "ensure-unsigned-authorization-request-without-using-par-fails",
        "ensure-redirect-uri-in-authorization-request",
        "ensure-response-type-code-idtoken-fails",
        "ensure-response-type-token-fails",
        "ensure-client-id-in-token-endpoint",
        "ensure-holder-of-key-required",
        "ensure-authorization-code-is-bound-to-client",
        "attempt-reuse-authorization-code-after-one-second",
        "ensure-token-endpoint-fails-with-expired-auth-code",
        "ensure-signed-client-assertion-with-RS256-fails",
        "ensure-client-assertion-in-token-endpoint",
        "ensure-client-assertion-with-exp-is-5-minutes-in-past-fails",
        "ensure-client-assertion-with-wrong-aud-fails",
        "ensure-client-assertion-with-no-sub-fails",
        "ensure-invalid-client-assertions-fail",
        "dpop-negative-tests",
        "refresh-token",
        "par-ensure-reused-request-uri-prior-to-auth-completion-succeeds",
        "par-attempt-reuse-request_uri",
        "par-attempt-to-use-expired-request_uri",
        "par-attempt-to-use-request_uri-for-different-client",
        "par-authorization-request-containing-request_uri-form-param",
        "par-attempt-invalid-http-method",
        "par-ensure-pkce-required",
        "ensure-pkce-code-verifier-required",
        "incorrect-pkce-code-verifier-rejected",
        "par-plain-pkce-rejected",
        "par-without-duplicate-parameters",
    )
)
ABOUT_DPOP = tuple(
    _FAPI2 + name
    for name in (
        "check-dpop-proof-nbf-exp",
        "ensure-dpopproof-with-iat-10seconds-before-succeeds",
        "ensure-dpopproof-with-iat-10seconds-after-succeeds",
        "ensure-mismatched-dpop-jkt-fails",
        "ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt",
        "ensure-token-endpoint-fails-with-mismatched-dpop-jkt",
        "ensure-dpopproof-at-par-endpoint-binding-success",
        "ensure-dpop-auth-code-binding-success",
        "dpop-negative-tests",
    )
)
"""Not for `sender_constrain=mtls`."""
ABOUT_ASSERTIONS = tuple(
    _FAPI2 + name
    for name in (
        "ensure-signed-client-assertion-with-RS256-fails",
        "ensure-client-assertion-in-token-endpoint",
        "ensure-client-assertion-with-exp-is-5-minutes-in-past-fails",
        "ensure-client-assertion-with-wrong-aud-fails",
        "ensure-client-assertion-with-no-sub-fails",
        "ensure-invalid-client-assertions-fail",
    )
)
"""Not for `client_auth_type=mtls`."""
SIGNED_REQUESTS = tuple(
    _FAPI2 + name
    for name in (
        "ensure-request-object-with-multiple-aud-succeeds",
        "ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted",
        "ensure-request-object-without-exp-fails",
        "ensure-request-object-without-nbf-fails",
        "ensure-expired-request-object-fails",
        "ensure-request-object-with-bad-aud-fails",
        "ensure-request-object-with-exp-over-60-fails",
        "ensure-request-object-with-nbf-over-60-fails",
        "ensure-signed-request-object-with-RS256-fails",
        "ensure-request-object-signature-algorithm-is-not-none",
        "ensure-request-object-with-invalid-signature-fails",
        "ensure-matching-key-in-authorization-request",
        "ensure-unsigned-request-at-par-endpoint-fails",
        "par-authorization-request-containing-request_uri",
    )
)
"""What the plan for Message Signing adds to that for the Security Profile."""
PLANS = {
    "oidcc-basic-certification-test-plan": BASIC,
    "oidcc-config-certification-test-plan": CONFIG,
    "oidcc-formpost-basic-certification-test-plan": FORM_POST,
    "oidcc-dynamic-certification-test-plan": DYNAMIC,
    "oidcc-rp-initiated-logout-certification-test-plan": RP_LOGOUT,
    "oidcc-backchannel-rp-initiated-logout-certification-test-plan": BACKCHANNEL_LOGOUT,
    "fapi2-security-profile-final-test-plan": FAPI2,
    "fapi2-message-signing-final-test-plan": FAPI2 + SIGNED_REQUESTS,
}
