"""Which parameters VAD knows, read off its code and templates, so that no list of them grows stale."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

WEB = Path(__file__).parents[2] / "vad" / "web"
STANDARD = (
    *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge"),
    *("code_challenge_method", "resource", "response_mode", "prompt", "max_age", "acr_values", "id_token_hint"),
    *("login_hint", "logout_hint", "ui_locales", "display", "claims", "request", "request_uri", "registration"),
    *("audience", "grant_type", "code", "code_verifier", "refresh_token", "subject_token", "subject_token_type"),
    *("requested_token_type", "actor_token", "actor_token_type", "client_assertion_type", "client_assertion"),
    *("client_secret", "token", "token_type_hint", "post_logout_redirect_uri", "logout_token", "access_token"),
    *("error", "error_description", "iss", "sid", "dpop_jkt", "authorization_details"),
)
"""Names of the standards. VAD may well not know them, which is no reason to break on them."""
_READS = frozenset({"get", "getlist", "required", "pop"})
_NAME = re.compile(r"[a-z][a-z_]*")
_IN_TEMPLATES = (r'name="([a-z_]+)"', r'"name": "([a-z_]+)"', r"[?&]([a-z_]+)=")


@cache
def of_code() -> Mapping[str, frozenset[str]]:
    """By module: what is read by name, put into an address, or compared; some of it are names of other things."""
    found = {}
    for path in sorted(WEB.rglob("*.py")):
        module = ".".join(("vad", "web", *path.relative_to(WEB).with_suffix("").parts))
        tree = ast.parse(path.read_text("utf-8"))
        found[module] = frozenset(name for node in ast.walk(tree) for name in _named_by(node) if _NAME.fullmatch(name))
    return found


@cache
def of_pages() -> frozenset[str]:
    """What forms, links and scripts of the pages send."""
    files = [*WEB.glob("templates/*.html"), *WEB.glob("static/*.js")]
    texts = [path.read_text("utf-8") for path in files]
    return frozenset(name for text in texts for pattern in _IN_TEMPLATES for name in re.findall(pattern, text))


@cache
def every() -> tuple[str, ...]:
    """All of them."""
    return tuple(sorted({*STANDARD, *of_pages()}.union(*of_code().values())))


def _named_by(node: ast.AST) -> Iterator[str]:
    """The texts in a call such as `form.get("flow")`, its keywords if it makes an address, and `form["flow"]`."""
    if isinstance(node, ast.Call):
        function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if function in _READS:
            yield from _texts(node.args)
        if function == "url_for":
            yield from (keyword.arg for keyword in node.keywords if keyword.arg)
    elif isinstance(node, ast.Subscript):
        yield from _texts([node.slice])
    elif isinstance(node, ast.Compare):
        yield from _texts([node.left])
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        yield from _texts([node.value])  # a name that stands in a constant
    elif isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Tuple):
        yield from _texts(node.iter.elts)


def _texts(nodes: list[ast.expr]) -> Iterator[str]:
    return (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
