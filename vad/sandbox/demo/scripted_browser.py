"""What the conformance suite's own browser does at VAD's pages: `browser` and `override` of a configuration.

For an address the suite takes the first block whose `match` fits, and at most `match-limit` times the same one. It then
does the tasks of that block in their order, each where its `match` fits the page that is there; one that is `optional`
is passed over elsewhere. The cookies live as long as one module. A picture of a page goes to who judges the module.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vad.domain.standard_claims import OF_SCOPE

Block = dict[str, Any]
Command = list[str | int]

_BSN = "999991772"
"""Who logs in: somebody with a value for each claim."""
_SECONDS = 10
_LOGIN, _ERROR, _LOGGED_OUT = "DigiD", "Code: [0-9A-Z]{4}-[0-9A-Z]{4}", "U bent uitgelogd|You are logged out"
"""What these pages of VAD hold, in both languages."""
_LASTS = "duration-until-stopped"
_FAPI2 = "fapi2-security-profile-final-"
_LOGOUT = "oidcc-rp-initiated-logout-"


@dataclass(frozen=True)
class ScriptedBrowser:
    """At one issuer and its DigiD, for clients whose addresses at the suite begin with this."""

    issuer: str
    digid: str
    clients: str

    @property
    def browser(self) -> list[Block]:
        """For every module that has no blocks of its own."""
        back = {"task": "Back at the suite", "match": f"{self.clients}/post_logout_redirect*"}
        return [self._block("/authorize", *self._walk()), self._block("/logout", self._say_yes(), back)]

    def override(self, modules: str) -> dict[str, dict[str, list[Block]]]:
        """The blocks of modules that want something else, by their names, of those of one kind."""
        kinds: Mapping[str, dict[str, list[Block]]] = {
            "basic": {
                **dict.fromkeys(("oidcc-prompt-login", "oidcc-max-age-1"), self._log_in_again()),
                "oidcc-ensure-registered-redirect-uri": self._error(),
            },
            "dynamic": {
                "oidcc-ensure-redirect-uri-in-authorization-request": self._error(),
                "oidcc-redirect-uri-query-mismatch": self._error(),
                "oidcc-redirect-uri-query-added": self._error(),
                **{f"oidcc-registration-{link}-uri": self._login_page() for link in ("logo", "policy", "tos")},
            },
            "logout": self._of_logout(),
            "fapi2": self._of_fapi2(),
        }
        return {name: {"browser": blocks} for name, blocks in kinds.get(modules, {}).items()}

    def _of_logout(self) -> dict[str, list[Block]]:
        log_in = self._block("/authorize", *self._walk())
        stays = [log_in, self._block("/logout", self._picture("/logout", _ERROR))]
        ends = [log_in, self._block("/logout", self._say_yes(), self._picture("/uitgelogd", _LOGGED_OUT))]
        return {
            f"{_LOGOUT}bad-post-logout-redirect-uri": stays,
            f"{_LOGOUT}query-added-to-post-logout-redirect-uri": stays,
            f"{_LOGOUT}modified-id-token-hint": stays,
            f"{_LOGOUT}bad-id-token-hint": stays,
            f"{_LOGOUT}no-id-token-hint": stays,
            f"{_LOGOUT}no-params": ends,
            f"{_LOGOUT}no-post-logout-redirect-uri": ends,
            f"{_LOGOUT}only-state": ends,
        }

    def _of_fapi2(self) -> dict[str, list[Block]]:
        cancel = self._block("/authorize", self._task("Cancel", "/inloggen", *_pressed("cancel")), self._back())
        look = self._once(self._block("/authorize", self._task("Look, and leave", "/inloggen")))
        log_in = self._once(self._block("/authorize", *self._walk()))
        return {
            f"{_FAPI2}user-rejects-authentication": [cancel],
            f"{_FAPI2}par-ensure-reused-request-uri-prior-to-auth-completion-succeeds": [look, *self.browser],
            f"{_FAPI2}par-attempt-reuse-request_uri": [log_in, *self._error()],
            f"{_FAPI2}par-attempt-to-use-expired-request_uri": self._error(),
            f"{_FAPI2}par-attempt-to-use-request_uri-for-different-client": self._error(),
        }

    def _log_in_again(self) -> list[Block]:
        """A picture of the login page, which the suite asks for the second time alone."""
        return [self._block("/authorize", *self._walk(_picture(_LOGIN, "update-image-placeholder-optional")))]

    def _login_page(self) -> list[Block]:
        return [self._block("/authorize", self._picture("/inloggen", _LOGIN))]

    def _error(self) -> list[Block]:
        return [self._block("/authorize", self._picture("/authorize", _ERROR))]

    def _walk(self, *at_login: Command) -> list[Block]:
        """From VAD's login page to the suite, past the pages that are shown."""
        boxes = ["api-mandates", *(f"claims-{number}" for number, _ in enumerate(OF_SCOPE, 1))]
        # A browser of the suite may wait ten seconds for a box that this app's page lacks, `optional` or not: without
        # that box it finds, and presses, what comes after all of them and is pressed in any case.
        tick: list[Command] = [["click", "css", f"#{box}, #{_LASTS}"] for box in boxes]
        agree = [*tick, *_pressed(_LASTS, "consent-give")]
        pages = [
            self._task("Log in", "/inloggen", *at_login, *_pressed("login-submit")),
            {
                "task": "Log in with DigiD",
                "match": f"{self.digid}/*",
                "commands": [["text", "id", "bsn", _BSN], *_pressed("login-submit")],
            },
            self._task("Go on", "/doorgaan", *_pressed("continue")),
            self._task("For oneself", "/voor-wie", *_pressed("represented-myself", "represented-continue")),
            self._task("Agree", "/toestemming", *agree),
            # With `form_post` this page sends itself on. Its address may hold that of the suite, as `redirect_uri`.
            self._task("On its way", "/authorize", ["wait", "match", f"^{self.clients}/callback", _SECONDS]),
        ]
        return [*({**page, "optional": True} for page in pages), self._back()]

    def _back(self) -> Block:
        done = ["wait", "id", "submission_complete", _SECONDS]
        return {"task": "Back at the suite", "match": f"{self.clients}/callback*", "commands": [done]}

    def _say_yes(self) -> Block:
        return {**self._task("Log out", "/logout", *_pressed("logout-confirm")), "optional": True}

    def _picture(self, path: str, words: str) -> Block:
        return self._task("The page", path, _picture(words, "update-image-placeholder"))

    def _block(self, path: str, *tasks: Block) -> Block:
        return {"match": f"{self.issuer}{path}*", "tasks": list(tasks)}

    def _task(self, name: str, path: str, *commands: Command) -> Block:
        return {"task": name, "match": f"{self.issuer}{path}*", "commands": list(commands)}

    @staticmethod
    def _once(block: Block) -> Block:
        return {**block, "match-limit": 1}


def _pressed(*identifiers: str) -> list[Command]:
    return [["click", "id", identifier] for identifier in identifiers]


def _picture(words: str, action: str) -> Command:
    """Once the page holds these words, it is the picture that was asked for."""
    return ["wait", "xpath", "//*", _SECONDS, words, action]
