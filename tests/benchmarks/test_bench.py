import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg2
import pytest
import redis

from tests.benchmarks import beside_sealing, floor, growth, naive, report
from tests.benchmarks.callers import FLOWS, TITLES, App, Caller, Http
from tests.benchmarks.load import Figures
from tests.benchmarks.neighbourhood import PEOPLE, Apps, Neighbourhood, people
from tests.benchmarks.processes import Memory
from tests.benchmarks.sampling import profiled
from tests.benchmarks.scaling import Carried, Scaling
from tests.benchmarks.servers import floor_callers, floor_known, naive_callers, naive_known
from tests.benchmarks.trips import Trips, Wires, usual
from tests.conftest import CacheServer, DatabaseServer
from tests.support.database import ask, new_database
from tests.support.relying_party_client import claims_of, header_of
from tests.support.town import town
from vad.bootstrap.foundation import lay_foundation
from vad.sandbox.ports import free_port
from vad.sandbox.redis import RedisServer
from vad.sandbox.serving import serve


@pytest.fixture(scope="module")
def place(
    postgres: DatabaseServer,
    migrated_template: str,
    redis_server: CacheServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Neighbourhood]:
    """Give a neighbourhood of the bench's own: the consents that it leaves standing are in nobody else's way."""
    folder = tmp_path_factory.mktemp("bench")
    apps = Apps.fresh(folder / "certificates")
    with (
        new_database(postgres, migrated_template) as database,
        town(folder / "town", database, redis_server.url, [apps.overlay(folder / "overlay")]) as made,
    ):
        yield Neighbourhood(made, redis_server.url, apps)


@pytest.fixture(scope="module")
def floor_store(server_directory: Path) -> Iterator[str]:
    """Give a Redis of the floor's own: it keeps BSNs in clear, which no test must find where VAD keeps its things."""
    with RedisServer(server_directory / "floor-redis", free_port()) as server:
        yield server.url


def walk(caller: Caller) -> None:
    """Go every flow, those first that bring the tokens for the others. A wrong answer raises."""
    with closing(caller):
        for flow in sorted(FLOWS, key=lambda flow: flow != "W3"):
            FLOWS[flow](caller)


def test_the_floor_answers_every_flow(place: Neighbourhood, floor_store: str) -> None:
    """What VAD is measured against does the same work: a flow that is refused would cost nothing."""
    known = floor_known(place, floor_store, free_port())
    with serve(floor.create(known), int(known["issuer"].rpartition(":")[2])):
        (caller,) = floor_callers(known, place.apps.usual, 1)
        walk(caller)


def test_the_naive_server_answers_every_flow(place: Neighbourhood, tmp_path: Path) -> None:
    """The same holds for the server that VAD must be better than."""
    with new_database(place.town.database) as database:
        known = naive_known(place, database.migrate_url, tmp_path, free_port())
        naive.fill(known, 1)
        with serve(naive.create(known), int(known["issuer"].rpartition(":")[2])):
            (caller,) = naive_callers(known, place.apps.usual, 1)
            walk(caller)


@pytest.mark.parametrize(("kind", "algorithm"), [("usual", "ES256"), ("rs256", "RS256")])
def test_vad_answers_every_flow(place: Neighbourhood, kind: str, algorithm: str) -> None:
    """Eight people are logged in, and their consents stand: no page comes between the app and its code."""
    app: App = getattr(place.apps, kind)
    browsers = place.browsers(app)
    assert len(browsers) == len(set(people())) == PEOPLE
    caller = Caller(Http(place.town.issuer), place.town.issuer, app, browsers[0])
    walk(caller)
    assert header_of(caller.given["access_token"])["alg"] == algorithm, "the exchange, which came last"
    with closing(caller):
        caller.authorize()
        assert header_of(caller.given["id_token"])["alg"] == algorithm


def test_vad_answers_apps_that_ask_in_other_ways(place: Neighbourhood) -> None:
    """Pushed, with proofs of a key, with a certificate: what they get is bound to what they hold."""
    bound = {"par": None, "dpop": {"jkt"}, "mtls": {"x5t#S256"}}
    for name, app in place.apps.ways.items():
        caller = Caller(Http(place.town.issuer), place.town.issuer, app, place.browsers(app)[0])
        walk(caller)
        said = claims_of(caller.given["access_token"]).get("cnf")
        assert (said and set(said)) == bound[name], name


def test_a_wrong_answer_ends_the_run(place: Neighbourhood) -> None:
    """A browser that nobody logged in with gets no code, and is not counted as quick."""
    with closing(Caller(Http(place.town.issuer), place.town.issuer, place.apps.usual, {})) as caller:
        with pytest.raises(RuntimeError, match="answered 200, without a redirect"):
            caller.authorize()
        with pytest.raises(RuntimeError, match="GET /userinfo was answered 400"):
            caller.userinfo()


def test_the_profile_says_where_the_time_goes(place: Neighbourhood) -> None:
    """Time is booked on the package where it stood, and on every function of VAD that led there."""
    head, *lines = profiled(place, "W3", 1.0)
    assert head.startswith("W3: ")
    assert any("| vad.web.oidc.token: token " in line for line in lines)
    assert any("| redis " in line for line in lines)


def test_trips_are_turns_of_the_conversation(postgres: DatabaseServer, redis_server: CacheServer) -> None:
    """Statements that travel together are one trip, and a pipeline is one trip with all of its commands."""
    with ExitStack() as stack:
        wires = Wires(stack)
        sql, store = (wires.through(url) for url in (postgres.app_url, redis_server.url))
        connection = stack.enter_context(closing(psycopg2.connect(sql.replace("+psycopg2", "", 1))))
        connection.autocommit = True
        cursor = stack.enter_context(connection.cursor())
        client = stack.enter_context(redis.Redis.from_url(store))
        client.ping()
        wires.trips.clear()
        cursor.execute("BEGIN; SELECT 'FROM nobody' FROM pg_class LIMIT 1; COMMIT")
        cursor.execute("SELECT 1")
        pipeline = client.pipeline(transaction=False)
        pipeline.set("vad-bench", 1, px=1).get("vad-bench").execute()
        client.get("vad-bench")
        assert [(trip.store, trip.said) for trip in wires.trips] == [
            ("PostgreSQL", ["BEGIN", "SELECT", "FROM pg_class", "COMMIT"]),
            ("PostgreSQL", ["SELECT"]),
            ("Redis", ["SET", "GET"]),
            ("Redis", ["GET"]),
        ]
        assert Trips.of(wires.trips) == Trips(sql=2, redis=2, redis_commands=3)


def test_the_trips_of_a_flow_are_those_it_most_often_makes(place: Neighbourhood, floor_store: str) -> None:
    """At the floor server a refresh is one command each for the assertion, the old token and the new one."""
    known = floor_known(place, floor_store, free_port())
    with ExitStack() as stack:
        wires = Wires(stack)
        app = floor.create(known | {"redis": wires.through(known["redis"])})
        stack.enter_context(serve(app, int(known["issuer"].rpartition(":")[2])))
        (caller,) = floor_callers(known, place.apps.usual, 1)
        stack.callback(caller.close)
        caller.authorize()
        assert [trip.said for trip in usual(caller, "W4", wires)] == [["SET"], ["GETDEL"], ["SET"]]


def test_the_table_says_what_is_over_budget() -> None:
    """A ratio within the budget is quiet; beyond it the line says so."""
    found = {(flow, name): [Figures(10, 1.0, 1.0, 1.0)] for flow in FLOWS for name in ("floor", "vad")}
    assert not any("over budget" in line for line in report.costs(found, {}))
    found["W4", "vad"] = [Figures(10, 1.5, 1.0, 1.0)]
    assert [line[2:4] for line in report.costs(found, {}) if "over budget" in line] == ["W4"]


def test_the_table_asks_four_times_of_the_naive_server() -> None:
    """On W3, and there alone."""
    found = {(flow, "vad"): [Figures(10, 1.0, 1.0, 1.0)] for flow in FLOWS}
    found |= {(flow, "naive"): [Figures(10, 3.9, 1.0, 1.0)] for flow in FLOWS}
    assert [line[2:4] for line in report.beside(found) if "short of it" in line] == ["W3"]
    found["W3", "naive"] = [Figures(10, 4.1, 1.0, 1.0)]
    assert not any("short of it" in line for line in report.beside(found))


def test_who_did_not_take_part_has_no_table() -> None:
    """A narrower run prints less, and nothing that would look measured."""
    found = {("W3", name): [Figures(10, 1.0, 1.0, 1.0)] for name in ("floor", "vad")}
    assert report.beside(found) == report.rs256(found) == []
    found["W3", "rs256"] = [Figures(10, 2.0, 1.0, 1.0)]
    assert [cell.strip() for cell in report.rs256(found)[2].split("|")][1:4] == ["W3", "1.00", "2.00"]


def test_what_grows_is_said_to() -> None:
    """More look-ups, or half as much again of pages or processor time, is over budget; a little more is not."""
    few, rounds = growth.Reads(2, 10, 30), [[(1.0, 1.0), (1.2, 1.1)]]
    for many, said in (
        (growth.Reads(2, 10, 40), ""),
        (growth.Reads(2, 11, 40), "over budget"),
        (growth.Reads(3, 10, 40), "over budget"),
        (growth.Reads(2, 10, 46), "over budget"),
    ):
        assert growth.row("WX", few, many, rounds)[-1] == said, many
    assert growth.row("WX", few, few, [[(1.0, 1.0), (2.0, 1.1)]])[-1] == "over budget"


def test_the_sealer_is_within_its_budgets() -> None:
    """The middle of the pairs counts, for one may have been disturbed; one event that waited long is too much."""
    alone, as_quick, slower = (beside_sealing.Round(each, 1.0, 1.0) for each in (10.0, 10.4, 10.6))
    for sealed, said in ((as_quick, ""), (slower, "over budget")):
        others = (alone, beside_sealing.Round(30.0, 1.0, 1.0)), (alone, beside_sealing.Round(9.0, 1.0, 1.0))
        assert beside_sealing.row("W3", [(alone, sealed), *others])[-1] == said
    assert beside_sealing.lag_line([0.1, 0.2, 2.0])[1] is False
    assert beside_sealing.lag_line([0.1, 0.2, 2.1])[1] is True


def test_reads_are_counted_as_they_are_made(place: Neighbourhood) -> None:
    """Each trip, each look-up in an index with what it touches; and nothing is left of it, nor done twice."""
    url = place.town.database.superuser_url
    assert place.browsers(place.apps.usual)
    ((person_id,),) = ask(url, "SELECT person_id::text FROM persons LIMIT 1")
    work = lay_foundation(place.town.settings).work
    with work() as tx:
        tx.persons.get(person_id)  # the first of a process reads the registrations too
    ask(url, "ALTER ROLE CURRENT_USER SET enable_seqscan = off")
    try:
        with growth.counting(url) as reads, work() as tx:
            assert tx.persons.get(person_id) is not None
    finally:
        ask(url, "ALTER ROLE CURRENT_USER RESET enable_seqscan")
    assert (reads.trips, reads.look_ups) == (1, 1)
    assert reads.pages > 0


def test_the_median_round_counts_and_the_spread_is_shown() -> None:
    """One round that was disturbed does not move the figure; how far the rounds lie apart stands beside it."""
    found = {("W4", "vad"): [Figures(10, cost, 1.0, 1.0) for cost in (1.9, 2.0, 9.0)]}
    (line,) = [line for line in report.costs(found, {}) if TITLES["W4"] in line]
    assert [cell.strip() for cell in line.split("|")][3:5] == ["2.00", "-, ± 178%"]


def test_the_memory_of_others_is_no_verdict() -> None:
    """The budget is VAD's."""
    lines = report.memory({"naive": Memory(200, 200, 200), "vad": Memory(80, 119, 121), "granian": Memory(40, 50, 60)})
    assert [line.split()[1] for line in lines if "over budget" in line] == ["vad"]
    assert "over budget (RSS)" in lines[3]


def test_two_workers_are_held_against_one() -> None:
    """On cores of their own by what is carried; otherwise by what they carry in the time that they had."""
    one, two = Carried(100, 200, (1.0,), 0.0), Carried(170, 190, (0.5, 0.5), 0.0)
    assert "Two workers carry 1.90 x one" in report.workers(Scaling(one, two, 2))[-1]
    assert "1.70 x one, by flows/s on cores of their own: below 1.8" in report.workers(Scaling(one, two, 4))[-1]


@pytest.mark.slow
@pytest.mark.timeout(300)  # it starts seven servers, on a machine that may be busy
def test_a_whole_run_prints_its_tables() -> None:
    """From the command line to the tables, with real servers: who was asked for is in there, and nobody else."""
    asked = ["--flows", "W2,W3", "--contenders", "floor,vad,granian,rs256,workers", "--seconds", "0.1", "--rounds", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.run", *asked], capture_output=True, text=True, timeout=280, check=True
    )
    lines = done.stdout.splitlines()
    (costs,) = [line for line in lines if TITLES["W3"] in line]
    assert costs.count(" - ") == 0, costs
    assert any(line.startswith("| p50 / p99, ms | floor") for line in lines)
    assert any(line.startswith("Two workers carry ") for line in lines)
    assert any(line.startswith("W2 ") for line in lines)
    assert not any("naive" in line.partition("|")[2].split("|")[0] for line in lines)
    assert done.stderr == ""
