"""The main job: one login, a token for each of several sources."""

from joserfc import jwe
from joserfc.jwk import ECKey

from tests.support.person import FROUKE, Person
from tests.support.relying_party_client import RelyingParty, claims_of, header_of
from tests.support.town import Town

SOURCE = "https://source.example"


def test_one_login_gives_a_token_per_source(vad_town: Town, rp: RelyingParty, person: Person) -> None:
    """One login and one consent give the issuer's own token, and by exchange one token for each source."""
    sources = {vad_town.address("hospital"): "48", vad_town.address("gp"): "49", SOURCE: "51"}
    asked = rp.ask(resources=tuple(sources), scope="openid 48 49 51")
    response = rp.redeem(asked, person.authorize(asked))
    assert response.status_code == 200, response.text
    own = response.json()
    assert claims_of(own["access_token"])["aud"] == vad_town.issuer
    for source, service in sources.items():
        exchanged = rp.exchange(own["access_token"], source)
        assert exchanged.status_code == 200, exchanged.text
        token = exchanged.json()["access_token"]
        claims = claims_of(token)
        assert header_of(token)["typ"] == "at+jwt"
        assert (claims["aud"], claims["scope"]) == (source, service if source != SOURCE else "48 51")


def test_the_source_gets_what_it_is_registered_for(
    vad_town: Town, rp: RelyingParty, person: Person, source_key: dict[str, object]
) -> None:
    """Only the source can open the subject identifier; it is bound to the token around it (rule 33)."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    own = rp.redeem(asked, person.authorize(asked, FROUKE)).json()
    token = rp.exchange(own["access_token"], SOURCE).json()["access_token"]
    claims = claims_of(token)
    key = ECKey.import_key(dict(source_key))  # type: ignore[arg-type]
    opened = jwe.decrypt_compact(claims["subject_identifier"], key, algorithms=["ECDH-ES", "A256GCM"])
    assert opened.plaintext is not None
    plain = opened.plaintext.decode()
    assert FROUKE not in plain
    assert claims["jti"] in plain
    assert SOURCE in plain
