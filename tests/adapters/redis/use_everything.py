"""A call of each store's every method."""

from dataclasses import replace
from datetime import timedelta

from tests.adapters.redis.volatile_stores import (
    AT,
    BROWSER,
    CLIENT,
    PERSON,
    Stores,
    code_value,
    draft,
    login,
    logout,
    request,
    session,
)
from vad.services.ports.renewable import RenewableLogin
from vad.services.ports.volatile import Afterwards, PersonName

RENEWABLE = RenewableLogin(session().sid, CLIENT, AT)


def use_everything(stores: Stores) -> None:
    """Call each store's every method, and see that it does what it should."""
    stores.sessions.add("cookie", session())
    assert stores.sessions.update("cookie", lambda _: session()) == session()
    assert stores.sessions.get("cookie") == session()
    assert stores.sessions.touch("cookie", AT) == session()
    assert [kept.session for kept in stores.sessions.of(session().person_id, session().last_active)] == [session()]
    assert not stores.sessions.ended(session().sid)
    stores.end_session("cookie")
    assert stores.sessions.ended(session().sid)
    stores.requests.add(request())
    stores.requests.keep(request())
    stores.requests.hold(request().flow)
    assert stores.requests.held(request(), request().received_at)
    assert stores.requests.get(request().flow) == request()
    assert stores.requests.take(request().flow) == request()
    waiting = replace(request(), flow="", pushed="place")
    stores.pushed.add(waiting)
    assert stores.pushed.get("place") == waiting
    stores.pushed.remove("place")
    assert stores.pushed.get("place") is None
    stores.renewable.add("handle", RENEWABLE, timedelta(minutes=1))
    assert stores.renewable.renew("handle", timedelta(minutes=15))
    assert stores.renewable.get("handle") == RENEWABLE
    stores.renewable.remove("handle")
    assert stores.renewable.get("handle") is None
    assert not stores.renewable.renew("handle", timedelta(minutes=15))
    stores.logins.add(login())
    assert stores.logins.take(login().state, bytes(32)) is None
    assert stores.logins.take(login().state, BROWSER) == login()
    stores.codes.add("code", code_value())
    assert stores.codes.redeem("code", CLIENT) == code_value()
    assert stores.codes.afterwards("code", CLIENT, session().sid) == Afterwards(seen_before=False, login_ended=True)
    assert stores.codes.seen_before("code", CLIENT)
    assert stores.replay.first_use("jti", "1", AT + timedelta(minutes=5), AT)
    stores.names.keep(PERSON, PersonName("Frouke"))
    assert stores.names.get(PERSON) == PersonName("Frouke")
    stores.minors.list(PERSON, (PERSON,))
    assert stores.minors.listed(PERSON) == (PERSON,)
    assert stores.minors.get(PERSON) is None
    stores.logouts.add("name", logout())
    assert stores.logouts.take("another name") is None
    assert stores.logouts.take("name") == logout()
    assert stores.logouts.take("name") is None
    stores.drafts.add("flow", "owner", draft())
    assert stores.drafts.take("flow", "somebody") is None
    assert stores.drafts.take("flow", "owner") == draft()
